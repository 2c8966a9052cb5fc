import { join } from 'node:path';
import type { Loudness } from '../../../domain/media-tool.ts';
import type { IngestPorts } from '../../ingest-job.ts';
import { encodeAhead } from './encode-ahead.ts';
import type { AheadEncode } from './encode-ahead.ts';
import type { IngestProgress } from './ingest-progress.ts';
import { isLimiterForeseen } from './level.ts';
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

export const encodedPath = (workDir: string): string => join(workDir, 'encoded.mp3');

/**
 * How loud the whole of it is. Beside it, on a core of its own, runs the encode of what does not fit: its level is put
 * right afterwards, in steps. It is given up once the level so far shows that it would have to be made louder than its
 * peaks allow, since that takes an encode through a limiter.
 * @throws too_large, unsupported_media
 */
export async function measure(
  ports: Pick<IngestPorts, 'mediaTool' | 'policy'>,
  path: string,
  { info, scan }: Inspection,
  { workDir, progress, signal }: IngestRun,
): Promise<Measured> {
  const { mediaTool } = ports;
  const thenEncode = !fits(scan);
  progress.measuring(info.durationMs ?? null, { thenEncode });
  const hasRoom = thenEncode && mediaTool.idleCores() >= 2;
  let ahead: AheadEncode | null = null;
  const measuring = mediaTool.measureLoudness(path, {
    signal,
    onProgress: (doneMs) => progress.measured(doneMs),
    span: scan?.span ?? undefined,
    onReading: (level, doneMs) => {
      if (ahead !== null && isLimiterForeseen(level, doneMs, ports.policy.loudnessTargetLufs)) {
        void ahead.stop();
      }
    },
  });
  // After the measure, which has its core by now: an encode in sections takes all that it can get.
  if (hasRoom) {
    const { durationMs } = info;
    ahead = encodeAhead(mediaTool, path, encodedPath(workDir), { signal, durationMs });
  }
  try {
    return { loudness: await measuring, ahead };
  } catch (error) {
    await ahead?.stop();
    throw error;
  }
}
