import { AppError } from '../domain/app-error.ts';
import type { PlayablePart } from '../domain/audio-file.ts';
import type { AudioProfile } from '../domain/media-tool.ts';
import { FRAMES_PER_ENTRY } from './frame-index.ts';
import { FrameRuns } from './frame-runs.ts';
import { FrameSplitter } from './frame-splitter.ts';
import type { FrameTotals } from './frame-totals.ts';
import { infoFrameBytes, makeInfoFrame } from './info-frame.ts';
import type { Mp3Scan } from './mp3-scan.ts';
import { FrameUnwinder } from './unwind.ts';

/**
 * Whether the frames can be taken without encoding: as they are, or unwound out of the bit reservoir. Any bit rate of
 * layer III will do, since positions come from an index, and any mode of the right channel count; a file that was
 * damaged is better decoded, so that what is broken in it is heard once and not in every stream.
 */
export const fitsProfile = (scan: Mp3Scan, profile: AudioProfile): boolean =>
  scan.uniform &&
  scan.sampleRateHz === profile.sampleRateHz &&
  scan.channels === profile.channels &&
  standAlone(scan) &&
  scan.damagedFrameCount === 0 &&
  scan.resyncCount === 0;

const standAlone = (scan: Mp3Scan): boolean => !scan.usesReservoir || scan.unwound !== null;

/**
 * The audio frames that `renderPlayable` writes, with the index of where they lie.
 * @throws RangeError for a scan whose frames can neither be taken nor unwound, so that it fits no profile
 */
export function playableFrames(scan: Mp3Scan): FrameTotals {
  if (!standAlone(scan)) throw new RangeError('These frames cannot stand on their own.');
  return scan.unwound ?? scan;
}

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

/** What `renderPlayable` makes of a scanned MP3. @throws RangeError as `playableFrames` does */
export function describePlayable(scan: Mp3Scan): PlayableShape {
  const { audioBytes, frameCount, constantBitrate, bitrateKbps } = playableFrames(scan);
  const { sampleRateHz, channels, samplesPerFrame } = scan;
  const audioStartByte = infoFrameBytes({ sampleRateHz, channels, bitrateKbps });
  return {
    audioStartByte,
    audioBytes,
    frameCount,
    samplesPerFrame,
    sampleRateHz,
    constantBitrate,
    bitrateKbps,
    sizeBytes: audioStartByte + audioBytes,
  };
}

/**
 * The playable MP3 of a source: an Info frame, then its audio frames and nothing else, each free of the others, their
 * level moved by `gainSteps` of 1.5 dB.
 * @param source the bytes that `scan` was made of
 * @throws conflict when they are not, at the latest at the end; RangeError as `playableFrames` does
 */
export async function* renderPlayable(
  source: AsyncIterable<Uint8Array>,
  scan: Mp3Scan,
  options: { readonly gainSteps: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const made = playableFrames(scan);
  const { offsets } = made.index;
  yield makeInfoFrame({
    ...made,
    sampleRateHz: scan.sampleRateHz,
    channels: scan.channels,
    byteOfFrame: (frame) => offsets[Math.floor(frame / FRAMES_PER_ENTRY)] ?? 0,
  });
  const frames =
    scan.unwound === null ? new FrameRuns(options.gainSteps) : new FrameUnwinder(options.gainSteps);
  const splitter = new FrameSplitter((bytes, start, header) => frames.add(bytes, start, header));
  for await (const chunk of source) {
    splitter.push(chunk);
    yield* frames.take();
  }
  splitter.end();
  yield* frames.take();
  if (splitter.audioBytes !== scan.audioBytes || frames.audioBytes !== made.audioBytes) {
    throw new AppError('conflict', 'The file changed while it was being read.');
  }
}
