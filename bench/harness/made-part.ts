import { createHash } from 'node:crypto';
import { inChunks, makeFrames } from '../../src/audio/fixtures/synthetic-mp3.ts';
import { framesToMs } from '../../src/audio/frame-pace.ts';
import { scanMp3 } from '../../src/audio/mp3-scan.ts';
import { describePlayable, renderPlayable } from '../../src/audio/playable.ts';
import { encodeFrameIndex } from '../../src/audio/frame-index.ts';
import type { PlayablePart } from '../../src/domain/audio-file.ts';

/** 20 s of frames. */
const FRAMES = 766;

/** A playable part that all that is made shares the bytes of. */
export interface MadePart {
  readonly bytes: Uint8Array;
  readonly index: Uint8Array;
  readonly durationMs: number;
  /** As it is known under a key of its own. */
  readonly named: (name: string) => PlayablePart;
  readonly numbered: (number: number) => PlayablePart;
}

export async function makePart(frameCount = FRAMES): Promise<MadePart> {
  const frames = makeFrames(frameCount);
  const scan = await scanMp3(inChunks(frames));
  if (scan === null) throw new Error('These frames are no MP3.');
  const bytes = Buffer.concat(
    await Array.fromAsync(renderPlayable(inChunks(frames), scan, { gainSteps: 0 })),
  );
  const shape = describePlayable(scan);
  const named = (name: string): PlayablePart => {
    const sha256 = createHash('sha256').update(name).digest('hex');
    return { ...shape, key: `playable/${sha256}.mp3`, sha256, profileVersion: 1, gainSteps: 0 };
  };
  return {
    bytes,
    index: encodeFrameIndex(scan.index),
    durationMs: framesToMs(frameCount, shape),
    named,
    numbered: (number) => named(`part-${number}`),
  };
}
