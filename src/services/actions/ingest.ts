import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AudioFile } from '../../domain/audio-file.ts';
import type { Action, ActionContext } from './action.ts';
import { failureOf } from './action.ts';
import { parseIngestJob } from '../ingest-job.ts';
import type { IngestJob, IngestPorts } from '../ingest-job.ts';
import { translateLocalFileError } from '../local-file-error.ts';
import { reserve } from './ingest/phase-1-reserve.ts';
import { inspect } from './ingest/phase-2-inspect.ts';
import { measure } from './ingest/phase-3-measure.ts';
import { makePlayable } from './ingest/phase-4-make-playable.ts';
import { store } from './ingest/phase-5-store.ts';
import { finish, record } from './ingest/phase-6-record.ts';
import { settleFailure } from './ingest/settle-failure.ts';

/**
 * Takes an uploaded file into the library: reserve its name, inspect it, measure its loudness, make it playable,
 * store, record. A crash at any point leaves the old state or the new, and a second run comes to the same end.
 */
export const ingest: Action<IngestPorts> = async (ports, request, context) => {
  const job = parseIngestJob(request);
  try {
    const file = (await reserve(ports, job)) ?? (await takeIn(ports, job, context));
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
};

async function takeIn(ports: IngestPorts, job: IngestJob, context: ActionContext): Promise<AudioFile> {
  const { signal } = context;
  const workDir = await mkdtemp(join(ports.policy.tempDir, 'ingest-'));
  try {
    return await ports.objects.withLocalFile(job.payload.upload_key, async (path) => {
      context.progress(2, 'looking into the file');
      const inspection = await inspect(ports, path, signal);
      const expectedMs = inspection.info.durationMs ?? 0;
      const work = (from: number, to: number, message: string) => {
        context.progress(from, message);
        const onProgress = (doneMs: number) => {
          const share = expectedMs > 0 ? Math.min(1, doneMs / expectedMs) : 0;
          context.progress(Math.round(from + share * (to - from)), message);
        };
        return { signal, onProgress };
      };
      const loudness = await measure(ports, path, work(5, 30, 'measuring the loudness'));
      const source = { path, scan: inspection.scan, loudness };
      const made = await makePlayable(ports, source, workDir, work(30, 90, 'making it playable'));
      context.progress(92, 'storing');
      signal.throwIfAborted();
      const stored = await store(ports, job, made, { cover: inspection.tags.cover, loudness });
      return record(ports, job, inspection, made, stored);
    });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}
