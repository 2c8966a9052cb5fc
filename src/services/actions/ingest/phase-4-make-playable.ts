import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { framesToMs } from '../../../audio/frame-pace.ts';
import type { FrameIndex } from '../../../audio/frame-index.ts';
import { scanMp3 } from '../../../audio/mp3-scan.ts';
import type { Mp3Scan } from '../../../audio/mp3-scan.ts';
import { describePlayable, playableFrames, renderPlayable } from '../../../audio/playable.ts';
import { AppError } from '../../../domain/app-error.ts';
import type { PlayablePart } from '../../../domain/audio-file.ts';
import { DEFAULT_PROFILE } from '../../../domain/media-tool.ts';
import type { Loudness } from '../../../domain/media-tool.ts';
import { playableKey } from '../../../domain/object-key.ts';
import type { IngestPorts } from '../../ingest-job.ts';
import { heardAfterLimiter, heardAtLevel } from './heard-sound.ts';
import type { HeardSound } from './heard-sound.ts';
import { chooseLevel, STEP_DB } from './level.ts';
import type { Level } from './level.ts';
import { fits, READ_BYTES } from './phase-2-inspect.ts';
import { encodedPath } from './phase-3-measure.ts';
import type { IngestRun, Measured } from './phase-3-measure.ts';

/** A playable part as a temporary file. */
export interface MadePlayable {
  readonly path: string;
  readonly part: PlayablePart;
  readonly index: FrameIndex;
  readonly loudnessLufs?: number | undefined;
  /** Peaks of what will be heard, as `Loudness.waveform` has those of the source. */
  readonly waveform: Uint8Array;
}

export interface PlayableSource extends Measured {
  readonly path: string;
  readonly scan: Mp3Scan | null;
}

/** Of what is written while the next frames are made ready. */
const WAITING_BYTES = 1_048_576;

/** By how much a decoder and the count of frames may differ: a decoder drops what is padding. */
const DECODED_TOLERANCE_MS = 250;

/**
 * An MP3 that fits keeps its frames, everything else is encoded at the level that it has; then the level of the frames
 * is moved in steps. Only what that would bring above the limit is encoded by its exact gain, through a limiter. Which
 * of them it is depends on nothing but the source, so that the same source always makes the same part.
 */
export async function makePlayable(
  ports: Pick<IngestPorts, 'mediaTool' | 'policy'>,
  source: PlayableSource,
  run: IngestRun,
): Promise<MadePlayable> {
  const { loudness, ahead } = source;
  const level = chooseLevel(loudness, ports.policy.loudnessTargetLufs);
  const bySteps = { gainSteps: level.gainSteps, heard: heardAtLevel(loudness, level.gainSteps * STEP_DB) };
  if (level.canStep && isAllFrames(source.scan, loudness)) {
    await ahead?.stop();
    return render(source.path, source.scan, bySteps, run);
  }
  run.progress.encoding(loudness.durationMs);
  if (!level.canStep) {
    await ahead?.stop();
    const heard = await encodeExactly(ports, source, level, run);
    return renderEncoded({ gainSteps: 0, heard }, run);
  }
  const isEncoded = (await ahead?.finish((doneMs) => run.progress.encoded(doneMs))) ?? false;
  if (!isEncoded) await encode(ports, source, { gainDb: 0, limit: false }, run);
  return renderEncoded(bySteps, run);
}

/** Whether it fits and its scan accounts for all that a decoder heard: frames found inside another container do not. */
function isAllFrames(scan: Mp3Scan | null, loudness: Loudness): scan is Mp3Scan {
  if (!fits(scan)) return false;
  const scannedMs = framesToMs(scan.frameCount, scan);
  return Math.abs(scannedMs - loudness.durationMs) <= DECODED_TOLERANCE_MS + scannedMs / 200;
}

async function encodeExactly(
  ports: Pick<IngestPorts, 'mediaTool'>,
  source: PlayableSource,
  { gainDb, limit }: Level,
  run: IngestRun,
): Promise<HeardSound> {
  const { loudness } = source;
  const limited = await encode(ports, source, { gainDb, limit }, run);
  return limited === null ? heardAtLevel(loudness, gainDb) : heardAfterLimiter(loudness, gainDb, limited);
}

function encode(
  { mediaTool }: Pick<IngestPorts, 'mediaTool'>,
  { path, loudness: { durationMs } }: PlayableSource,
  level: Pick<Level, 'gainDb' | 'limit'>,
  { workDir, progress, signal }: IngestRun,
) {
  const { gainDb, limit } = level;
  const onProgress = (doneMs: number) => progress.encoded(doneMs);
  const options = { profile: DEFAULT_PROFILE, gainDb, limit };
  return mediaTool.encode(path, encodedPath(workDir), options, { signal, onProgress, durationMs });
}

interface LevelMove {
  readonly gainSteps: number;
  readonly heard: HeardSound;
}

async function renderEncoded(move: LevelMove, run: IngestRun): Promise<MadePlayable> {
  const path = encodedPath(run.workDir);
  const scan = await scanMp3(createReadStream(path, { signal: run.signal, highWaterMark: READ_BYTES }));
  if (!fits(scan)) {
    throw new AppError('internal', 'The encoder made an MP3 that does not fit the profile.');
  }
  const made = await render(path, scan, move, run);
  await rm(path);
  return made;
}

async function render(
  path: string,
  scan: Mp3Scan,
  { gainSteps, heard }: LevelMove,
  { workDir, signal }: IngestRun,
): Promise<MadePlayable> {
  const playablePath = join(workDir, 'playable.mp3');
  const hash = createHash('sha256');
  const source = createReadStream(path, { highWaterMark: READ_BYTES });
  const body = hashed(renderPlayable(source, scan, { gainSteps }), hash);
  // The object store flushes what it takes over; here it need not be.
  const target = createWriteStream(playablePath, { flags: 'wx', highWaterMark: WAITING_BYTES });
  await pipeline(body, target, { signal });
  const sha256 = hash.digest('hex');
  return {
    path: playablePath,
    index: playableFrames(scan).index,
    loudnessLufs: heard.loudnessLufs,
    waveform: heard.waveform,
    part: {
      ...describePlayable(scan),
      key: playableKey(sha256),
      sha256,
      profileVersion: DEFAULT_PROFILE.version,
      gainSteps,
      peak: heard.peak,
    },
  };
}

async function* hashed(source: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}
