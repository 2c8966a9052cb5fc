import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { scanMp3 } from '../../../audio/mp3-scan.ts';
import type { Mp3Scan } from '../../../audio/mp3-scan.ts';
import { describePlayable, fitsProfile, playableFrames, renderPlayable } from '../../../audio/playable.ts';
import { framesToMs } from '../../../audio/frame-pace.ts';
import type { FrameIndex } from '../../../audio/frame-index.ts';
import { AppError } from '../../../domain/app-error.ts';
import type { PlayablePart } from '../../../domain/audio-file.ts';
import { DEFAULT_PROFILE } from '../../../domain/media-tool.ts';
import { playableKey } from '../../../domain/object-key.ts';
import type { Loudness, MediaToolOptions } from '../../../domain/media-tool.ts';
import type { IngestPorts } from '../../ingest-job.ts';
import { chooseLevel, PEAK_LIMIT, STEP_DB, toFactor } from './level.ts';
import type { Level } from './level.ts';

/** A playable part as a temporary file. */
export interface MadePlayable {
  readonly path: string;
  readonly part: PlayablePart;
  readonly index: FrameIndex;
  readonly loudnessLufs?: number | undefined;
}

export interface PlayableSource {
  readonly path: string;
  readonly scan: Mp3Scan | null;
  readonly loudness: Loudness | null;
}

/** By how much a decoder and the count of frames may differ: a decoder drops what is padding. */
const DECODED_TOLERANCE_MS = 250;

/** An MP3 that fits is levelled frame by frame, without loss; everything else is encoded. */
export async function makePlayable(
  ports: Pick<IngestPorts, 'mediaTool' | 'policy'>,
  source: PlayableSource,
  workDir: string,
  options: MediaToolOptions,
): Promise<MadePlayable> {
  const level = chooseLevel(source.loudness, ports.policy.loudnessTargetLufs);
  if (source.scan !== null && canTakeFrames(source.scan, source.loudness, level)) {
    const appliedDb = level.gainSteps * STEP_DB;
    const outcome = outcomeOf(source.loudness, appliedDb, Infinity);
    return render(source.path, source.scan, level.gainSteps, outcome, workDir, options.signal);
  }
  const encodedPath = join(workDir, 'encoded.mp3');
  const encode = { profile: DEFAULT_PROFILE, gainDb: level.gainDb, limit: level.limit };
  await ports.mediaTool.encode(source.path, encodedPath, encode, options);
  const scan = await scanMp3(createReadStream(encodedPath, { signal: options.signal }));
  if (scan === null || !fitsProfile(scan, DEFAULT_PROFILE)) {
    throw new AppError('internal', 'The encoder made an MP3 that does not fit the profile.');
  }
  const outcome = outcomeOf(source.loudness, level.gainDb, level.limit ? PEAK_LIMIT : Infinity);
  const made = await render(encodedPath, scan, 0, outcome, workDir, options.signal);
  await rm(encodedPath);
  return made;
}

/** The scan must account for all that a decoder heard: frames found inside another container do not. */
function canTakeFrames(scan: Mp3Scan, loudness: Loudness | null, level: Level): boolean {
  if (!fitsProfile(scan, DEFAULT_PROFILE) || !level.canStep) return false;
  const scannedMs = framesToMs(scan.frameCount, scan);
  return (
    loudness === null || Math.abs(scannedMs - loudness.durationMs) <= DECODED_TOLERANCE_MS + scannedMs / 200
  );
}

interface Outcome {
  readonly loudnessLufs?: number | undefined;
  readonly peak?: number | undefined;
}

function outcomeOf(loudness: Loudness | null, appliedDb: number, ceiling: number): Outcome {
  if (loudness === null) return {};
  const { integratedLufs, peak } = loudness;
  return {
    ...(integratedLufs === undefined ? {} : { loudnessLufs: round(integratedLufs + appliedDb, 2) }),
    peak: round(Math.min(ceiling, peak * toFactor(appliedDb)), 4),
  };
}

async function render(
  path: string,
  scan: Mp3Scan,
  gainSteps: number,
  { loudnessLufs, peak }: Outcome,
  workDir: string,
  signal: AbortSignal | undefined,
): Promise<MadePlayable> {
  const playablePath = join(workDir, 'playable.mp3');
  const hash = createHash('sha256');
  const body = hashed(renderPlayable(createReadStream(path), scan, { gainSteps }), hash);
  // The object store flushes what it takes over; here it need not be.
  await pipeline(body, createWriteStream(playablePath, { flags: 'wx' }), { signal });
  const sha256 = hash.digest('hex');
  return {
    path: playablePath,
    index: playableFrames(scan).index,
    loudnessLufs,
    part: {
      ...describePlayable(scan),
      key: playableKey(sha256),
      sha256,
      profileVersion: DEFAULT_PROFILE.version,
      gainSteps,
      ...(peak === undefined ? {} : { peak }),
    },
  };
}

async function* hashed(source: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
