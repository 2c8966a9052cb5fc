import { checkpointKey } from '../../../domain/object-key.ts';
import type { RequestFailure } from '../../../domain/request.ts';
import { isOwnRecord } from '../../ingest-job.ts';
import type { IngestJob, IngestPorts } from '../../ingest-job.ts';

/**
 * What remains of a job that has failed for good: nothing when its file is at fault; else the record, saying why, and the
 * upload, for a day in which it can be tried again. A file that was to be replaced stays as it was. Idempotent; what it
 * cannot clear away is left to the sweeps.
 */
export async function settleFailure(
  ports: IngestPorts,
  job: IngestJob,
  failure: RequestFailure,
): Promise<void> {
  try {
    const file = await ports.audioFiles.find(job.tenantId, job.payload.filename);
    if (isOwnRecord(job, file) && file.state === 'processing') {
      if (failure.retryable) {
        const failed = {
          ...file,
          state: 'failed',
          error: failure.message,
          updatedAtMs: ports.clock(),
        } as const;
        await ports.audioFiles.save(failed, file.revision);
      } else {
        await ports.audioFiles.delete(job.tenantId, job.payload.filename);
      }
    }
    if (failure.retryable) return;
    await ports.objects.delete(checkpointKey(job.requestId));
    await ports.objects.delete(job.payload.upload_key);
  } catch (error) {
    ports.log.warn(
      { requestId: job.requestId, error },
      'what a failed ingest left could not be cleared away',
    );
  }
}
