import type { AudioFile } from '../../../domain/audio-file.ts';
import { reserveFilename } from '../../reserve-filename.ts';
import { isOwnRecord } from '../../ingest-job.ts';
import type { IngestJob, IngestPorts } from '../../ingest-job.ts';

/**
 * Takes the name, if the upload has not done so before a crash.
 * @returns the job's record when an earlier run has brought the audio in and only the clearing away may be left;
 * else null
 * @throws already_exists
 */
export async function reserve(ports: IngestPorts, job: IngestJob): Promise<AudioFile | null> {
  const file = await reserveFilename(ports, job);
  if (!isOwnRecord(job, file) || file.state !== 'ready' || file.part === undefined) return null;
  return (await ports.objects.find(file.part.key)) === null ? null : file;
}
