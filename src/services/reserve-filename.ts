import { AppError, isAlreadyExists } from '../domain/app-error.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { IngestJob } from './ingest-job.ts';
import type { Ports } from './ports.ts';

type ReservePorts = Pick<Ports, 'audioFiles' | 'clock'>;

/**
 * Makes the record of a file that is on its way in, `processing`, and so takes its name. Idempotent for a request.
 * With `replace`, a file that is there stays as it is: its record is switched when the new audio is ready. A name
 * whose file failed to come in is free.
 *
 * @returns the record that has the name now; it is this request's own when its `requestId` says so
 * @throws already_exists when another file has the name
 */
export async function reserveFilename(ports: ReservePorts, job: IngestJob): Promise<AudioFile> {
  const { audioFiles } = ports;
  const { tenantId, requestId } = job;
  const { filename, replace = false } = job.payload;
  const existing = await audioFiles.find(tenantId, filename);
  if (existing === null) {
    try {
      return await audioFiles.create(newRecord(job, ports.clock()));
    } catch (error) {
      const winner = isAlreadyExists(error) ? await audioFiles.find(tenantId, filename) : null;
      if (winner?.requestId === requestId || (replace && winner !== null)) return winner;
      throw error;
    }
  }
  if (existing.requestId === requestId && existing.state === 'failed') {
    // Somebody has it tried again.
    const again = { ...existing, state: 'processing', error: undefined, updatedAtMs: ports.clock() } as const;
    return audioFiles.save(again, existing.revision);
  }
  if (existing.requestId === requestId || (replace && existing.part !== undefined)) return existing;
  if (existing.state === 'failed' && existing.part === undefined) {
    return audioFiles.save(newRecord(job, ports.clock()), existing.revision);
  }
  if (replace) return existing;
  throw new AppError('already_exists', `There is already a file named "${filename}".`);
}

/** The title of a file that has none: its name without the ending. */
export const titleFromFilename = (filename: string): string => filename.replace(/\.mp3$/, '');

function newRecord({ requestId, tenantId, userId, payload }: IngestJob, nowMs: number): AudioFile {
  return {
    tenantId,
    filename: payload.filename,
    revision: 0,
    originalFilename: payload.original_filename,
    title: payload.title ?? titleFromFilename(payload.filename),
    description: payload.description ?? '',
    tags: [],
    state: 'processing',
    requestId,
    durationMs: 0,
    originalSizeBytes: payload.original_size,
    originalSha256: payload.original_sha256,
    createdBy: userId,
    transcriptStatus: 'disabled',
    hasTranscript: false,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}
