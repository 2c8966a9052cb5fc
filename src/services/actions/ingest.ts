import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AudioFile } from '../../domain/audio-file.ts';
import type { Loudness } from '../../domain/media-tool.ts';
import type { AsyncRequest, JsonValue } from '../../domain/request.ts';
import type { ActionContext } from './action.ts';
import { failureOf } from './action.ts';
import { parseIngestJob } from '../ingest-job.ts';
import type { IngestJob, IngestPorts } from '../ingest-job.ts';
import { translateLocalFileError } from '../local-file-error.ts';
import { keepCheckpoint, readCheckpoint, type IngestCheckpoint } from './ingest/checkpoint.ts';
import { reserve } from './ingest/phase-1-reserve.ts';
import { IngestProgress } from './ingest/ingest-progress.ts';
import { inspect } from './ingest/phase-2-inspect.ts';
import type { Inspection } from './ingest/phase-2-inspect.ts';
import { measure } from './ingest/phase-3-measure.ts';
import type { IngestRun } from './ingest/phase-3-measure.ts';
import { makePlayable } from './ingest/phase-4-make-playable.ts';
import type { MadePlayable } from './ingest/phase-4-make-playable.ts';
import { store } from './ingest/phase-5-store.ts';
import { finish, record } from './ingest/phase-6-record.ts';
import { settleFailure } from './ingest/settle-failure.ts';

/** Of a request that was enqueued, and then claimed for the first time. */
const FIRST_CLAIM_SEQ = 2;

/**
 * Takes an uploaded file into the library: reserve its name, inspect it, measure its loudness, make it playable,
 * store, record. A crash at any point leaves the old state or the new, and a second run comes to the same end:
 * it goes on after the last phase that took long and whose outcome was kept.
 */
export async function ingest(
  ports: IngestPorts,
  request: AsyncRequest,
  context: ActionContext,
): Promise<JsonValue> {
  const job = parseIngestJob(request);
  try {
    // Who begins finds nothing of an earlier run.
    const kept = request.seq > FIRST_CLAIM_SEQ ? await readCheckpoint(ports, job) : {};
    const file = (await reserve(ports, job)) ?? (await takeIn(ports, job, kept, context));
    await finish(ports, job, file);
    return { filename: file.filename };
  } catch (caught) {
    const error = translateLocalFileError(caught);
    const failure = failureOf(error);
    const isFinal = !failure.retryable || context.isLastAttempt;
    // An aborted run is no failure: it goes on later, here or elsewhere.
    if (isFinal && !context.signal.aborted) await settleFailure(ports, job, failure);
    throw error;
  }
}

async function takeIn(
  ports: IngestPorts,
  job: IngestJob,
  kept: IngestCheckpoint,
  context: ActionContext,
): Promise<AudioFile> {
  const { signal, log } = context;
  const beganMs = ports.clock();
  if (kept.sound !== undefined) {
    log.info({}, 'going on with what an earlier run stored');
    const { source, made, stored } = kept.sound;
    return record(ports, job, source, made, stored);
  }
  const workDir = await mkdtemp(join(ports.policy.tempDir, 'ingest-'));
  try {
    return await ports.objects.withLocalFile(job.payload.upload_key, async (path) => {
      const progress = new IngestProgress((percentage, message) => context.report(percentage, message));
      const run: IngestRun = { workDir, progress, signal };
      const inspection = await inspect(ports, path, signal);
      // Beside the work on the audio; an error of it is met below.
      const reading = ports.tagReader.read(path, signal);
      reading.catch(() => undefined);
      const made = await makeLevelled(
        ports,
        job,
        { path, inspection, loudness: kept.loudness, beganMs },
        run,
      );
      const tags = await reading;
      progress.storing();
      signal.throwIfAborted();
      const stored = await store(ports, job, made, tags.cover);
      const source = { info: inspection.info, tags };
      await keepCheckpoint(ports, job, { sound: { made: soundOf(made), stored, source } }, beganMs);
      const file = await record(ports, job, source, made, stored);
      progress.stored();
      return file;
    });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

interface FoundSound {
  readonly path: string;
  readonly inspection: Inspection;
  /** As an earlier run measured it. */
  readonly loudness: Loudness | undefined;
  readonly beganMs: number;
}

async function makeLevelled(
  ports: IngestPorts,
  job: IngestJob,
  { path, inspection, loudness, beganMs }: FoundSound,
  run: IngestRun,
): Promise<MadePlayable> {
  const measured =
    loudness === undefined ? await measure(ports, path, inspection, run) : { loudness, ahead: null };
  try {
    await keepCheckpoint(ports, job, { loudness: measured.loudness }, beganMs);
    return await makePlayable(ports, { ...measured, path, scan: inspection.scan }, run);
  } finally {
    await measured.ahead?.stop();
  }
}

const soundOf = ({ part, loudnessLufs }: MadePlayable) => ({ part, loudnessLufs });
