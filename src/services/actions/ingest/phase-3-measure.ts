import { join } from 'node:path';
import type { Loudness } from '../../../domain/media-tool.ts';
import type { IngestPorts } from '../../ingest-job.ts';
import { encodeAhead } from './encode-ahead.ts';
import type { AheadEncode } from './encode-ahead.ts';
import type { IngestProgress } from './ingest-progress.ts';
import { isLimiterForeseen, STEADY_AFTER_MS } from './level.ts';
import { fits } from './phase-2-inspect.ts';
import type { Inspection } from './phase-2-inspect.ts';

export interface Measured {
  readonly loudness: Loudness;
  /** Under way since the measure began, where a core was free for it; whoever gets it stops it. */
  readonly ahead: AheadEncode | null;
}

export interface IngestRun {
  readonly workDir: string;
  readonly progress: IngestProgress;
  readonly signal: AbortSignal;
}

/** From this length on, its beginning is a small part of it. */
const HEARD_FIRST_MS = 120_000;

export const encodedPath = (workDir: string): string => join(workDir, 'encoded.mp3');

/**
 * How loud the whole of it is. Beside it, on a core of its own, runs the encode of what does not fit: its level is put
 * right afterwards, in steps. Of a longer sound it begins once the beginning has been heard; it does not begin, or is given
 * up, where the level so far shows that it would have to be made louder than its peaks allow: that takes an encode
 * through a limiter.
 * @throws too_large, unsupported_media
 */
export async function measure(
  ports: Pick<IngestPorts, 'mediaTool' | 'policy'>,
  path: string,
  { info, scan }: Inspection,
  { workDir, progress, signal }: IngestRun,
): Promise<Measured> {
  const { mediaTool } = ports;
  const { durationMs } = info;
  const thenEncode = !fits(scan);
  progress.measuring(durationMs ?? null, { thenEncode });
  const hasRoom = thenEncode && mediaTool.idleCores() >= 2;
  const hearsFirst = (durationMs ?? 0) >= HEARD_FIRST_MS;
  const ahead: { encode: AheadEncode | null; isDecided: boolean } = { encode: null, isDecided: !hasRoom };
  const begin = () => {
    ahead.isDecided = true;
    ahead.encode = encodeAhead(mediaTool, path, encodedPath(workDir), { signal, durationMs });
  };
  const measuring = mediaTool.measureLoudness(path, {
    signal,
    onProgress: (doneMs) => progress.measured(doneMs),
    span: scan?.span ?? undefined,
    onReading: (level, doneMs) => {
      const isForeseen = isLimiterForeseen(level, doneMs, ports.policy.loudnessTargetLufs);
      if (isForeseen) {
        ahead.isDecided = true;
        void ahead.encode?.stop();
      } else if (!ahead.isDecided && doneMs >= STEADY_AFTER_MS) begin();
    },
  });
  // After the measure, which has its core by now: an encode in sections takes all that it can get.
  if (hasRoom && !hearsFirst) begin();
  try {
    return { loudness: await measuring, ahead: ahead.encode };
  } catch (error) {
    await ahead.encode?.stop();
    throw error;
  }
}
