import { AppError } from '../domain/app-error.ts';
import type { PlayablePart } from '../domain/audio-file.ts';
import type { AudioProfile } from '../domain/media-tool.ts';
import type { FrameHeader } from './frame-header.ts';
import { FRAMES_PER_ENTRY } from './frame-index.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { infoFrameBytes, makeInfoFrame } from './info-frame.ts';
import type { Mp3Scan } from './mp3-scan.ts';
import { moveGlobalGain } from './side-information.ts';

/**
 * Whether the frames can be taken as they are. Any bit rate of layer III will do, since positions come from an index;
 * a file that was damaged is better decoded, so that what is broken in it is heard once and not in every stream.
 */
export const fitsProfile = (scan: Mp3Scan, profile: AudioProfile): boolean =>
  scan.uniform &&
  scan.sampleRateHz === profile.sampleRateHz &&
  scan.channels === profile.channels &&
  !scan.usesReservoir &&
  scan.damagedFrameCount === 0 &&
  scan.resyncCount === 0;

export type PlayableShape = Pick<
  PlayablePart,
  | 'audioStartByte'
  | 'audioBytes'
  | 'frameCount'
  | 'samplesPerFrame'
  | 'sampleRateHz'
  | 'constantBitrate'
  | 'bitrateKbps'
  | 'sizeBytes'
>;

/** What `renderPlayable` makes of a scanned MP3. */
export function describePlayable(scan: Mp3Scan): PlayableShape {
  const audioStartByte = infoFrameBytes(scan);
  return {
    audioStartByte,
    audioBytes: scan.audioBytes,
    frameCount: scan.frameCount,
    samplesPerFrame: scan.samplesPerFrame,
    sampleRateHz: scan.sampleRateHz,
    constantBitrate: scan.constantBitrate,
    bitrateKbps: scan.bitrateKbps,
    sizeBytes: audioStartByte + scan.audioBytes,
  };
}

/**
 * The playable MP3 of a source: an Info frame, then its audio frames and nothing else, their level moved by
 * `gainSteps` of 1.5 dB.
 * @param source the bytes that `scan` was made of
 * @throws conflict when they are not, at the latest at the end
 */
export async function* renderPlayable(
  source: AsyncIterable<Uint8Array>,
  scan: Mp3Scan,
  options: { readonly gainSteps: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const { offsets } = scan.index;
  yield makeInfoFrame({
    ...scan,
    byteOfFrame: (frame) => offsets[Math.floor(frame / FRAMES_PER_ENTRY)] ?? 0,
  });
  const runs = new FrameRuns(options.gainSteps);
  const splitter = new FrameSplitter((bytes, start, header) => runs.add(bytes, start, header));
  for await (const chunk of source) {
    splitter.push(chunk);
    yield* runs.take();
  }
  splitter.end();
  yield* runs.take();
  if (splitter.audioBytes !== scan.audioBytes) {
    throw new AppError('conflict', 'The file changed while it was being read.');
  }
}

/** Frames that lie next to each other, gathered so that they move as one piece. */
class FrameRuns {
  readonly #gainSteps: number;
  #done: Uint8Array[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #endExclusive = 0;
  #frames: { readonly start: number; readonly header: FrameHeader }[] = [];

  constructor(gainSteps: number) {
    this.#gainSteps = gainSteps;
  }

  add(bytes: Uint8Array, start: number, header: FrameHeader): void {
    if (bytes !== this.#bytes || start !== this.#endExclusive) {
      this.#finishRun();
      this.#bytes = bytes;
      this.#start = start;
    }
    this.#endExclusive = start + header.frameBytes;
    if (this.#gainSteps !== 0) this.#frames.push({ start, header });
  }

  take(): Uint8Array[] {
    this.#finishRun();
    const done = this.#done;
    this.#done = [];
    return done;
  }

  #finishRun(): void {
    if (this.#endExclusive > this.#start) {
      const run = this.#bytes.subarray(this.#start, this.#endExclusive);
      this.#done.push(this.#gainSteps === 0 ? run : this.#moved(run));
    }
    this.#bytes = new Uint8Array(0);
    this.#start = 0;
    this.#endExclusive = 0;
    this.#frames = [];
  }

  #moved(run: Uint8Array): Uint8Array {
    const moved = run.slice();
    for (const { start, header } of this.#frames) {
      moveGlobalGain(moved, start - this.#start, header, this.#gainSteps);
    }
    return moved;
  }
}
