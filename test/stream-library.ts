import { createHash } from 'node:crypto';
import { inChunks, joinBytes, makeFrame } from '../src/audio/fixtures/synthetic-mp3.ts';
import { encodeFrameIndex } from '../src/audio/frame-index.ts';
import { framesToMs } from '../src/audio/frame-pace.ts';
import { scanMp3 } from '../src/audio/mp3-scan.ts';
import { describePlayable, renderPlayable } from '../src/audio/playable.ts';
import type { AudioFile } from '../src/domain/audio-file.ts';
import type { Ports } from '../src/services/ports.ts';
import { audioFile } from './sample-records.ts';

export interface Track {
  readonly file: AudioFile;
  /** The frames, which is what a stream joins. */
  readonly audio: Uint8Array;
}

/** Puts a playable part into the store, and its record into the library. Its frames name the file and their number. */
export async function addTrack(
  ports: Pick<Ports, 'audioFiles' | 'objects'>,
  filename: string,
  frameCount: number,
  overrides: Partial<AudioFile> = {},
): Promise<Track> {
  const frames = Array.from({ length: frameCount }, (_, number) => {
    const frame = makeFrame({ isPadded: number % 3 === 0, fill: 1 + (number % 199) });
    frame.set(Buffer.from(`${filename}:${number};`), 40);
    return frame;
  });
  const audio = joinBytes(frames);
  const scan = await scanMp3(inChunks(audio));
  if (scan === null) throw new Error('These frames are no MP3.');
  const bytes = joinBytes(await Array.fromAsync(renderPlayable(inChunks(audio), scan, { gainSteps: 0 })));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const shape = describePlayable(scan);
  const key = `playable/${sha256}.mp3`;
  await ports.objects.write(key, [bytes]);
  await ports.objects.write(`index/${sha256}`, [encodeFrameIndex(scan.index)]);
  const file = await ports.audioFiles.create({
    ...audioFile(filename),
    title: `Title of ${filename}`,
    originalSha256: sha256,
    durationMs: framesToMs(frameCount, shape),
    part: { ...shape, key, sha256, profileVersion: 1, gainSteps: 0 },
    ...overrides,
  });
  return { file, audio };
}

/** A record whose ingest has not made a part. */
export async function addUnreadyFile(
  ports: Pick<Ports, 'audioFiles'>,
  filename: string,
  state: 'processing' | 'failed',
): Promise<AudioFile> {
  return ports.audioFiles.create(audioFile(filename, { state, durationMs: 0 }));
}
