import { framesToMs } from '../../../audio/frame-pace.ts';
import { AppError, isAppError } from '../../../domain/app-error.ts';
import { objectKeysOf, WITHOUT_TRANSCRIPT } from '../../../domain/audio-file.ts';
import type { AudioFile } from '../../../domain/audio-file.ts';
import { chaptersWithin } from '../../../domain/chapter.ts';
import type { MediaInfo, MediaTags } from '../../../domain/media-tool.ts';
import { checkpointKey } from '../../../domain/object-key.ts';
import { RETIRED_FOR_MS } from '../../../domain/retired-object.ts';
import { titleFromFilename } from '../../reserve-filename.ts';
import { isOwnRecord } from '../../ingest-job.ts';
import type { IngestJob, IngestPorts } from '../../ingest-job.ts';
import type { MadePlayable } from './phase-4-make-playable.ts';
import type { StoredObjects } from './phase-5-store.ts';

/** What the file says about itself. */
export interface SourceDetails {
  readonly info: MediaInfo;
  readonly tags: MediaTags;
}

/** Somebody edits a title just now: the record is read again, this often. */
const MAX_SAVES = 5;

/**
 * Switches the record to the new audio, in one conditional write.
 * @throws conflict when the file was deleted meanwhile; already_exists when another file has the name by now
 */
export async function record(
  ports: IngestPorts,
  job: IngestJob,
  source: SourceDetails,
  made: Pick<MadePlayable, 'part' | 'loudnessLufs'>,
  stored: StoredObjects,
): Promise<AudioFile> {
  for (let saves = 1; ; saves += 1) {
    const current = await ports.audioFiles.find(job.tenantId, job.payload.filename);
    if (current === null) throw new AppError('conflict', 'The file was deleted while it was being taken in.');
    if (!isOwnRecord(job, current) && !job.payload.replace) {
      throw new AppError('already_exists', `There is already a file named "${job.payload.filename}".`);
    }
    const next = readyRecord(ports, job, current, source, made, stored);
    const chapters = chaptersWithin(source.tags.chapters ?? [], next.durationMs);
    await retireReplaced(ports, current, next);
    try {
      return await ports.audioFiles.save(next, current.revision, {
        chapters,
        ...(losesTranscript(job, current) && { transcriptWords: [] }),
      });
    } catch (error) {
      if (saves >= MAX_SAVES || !(isAppError(error, 'conflict') || isAppError(error, 'not_found')))
        throw error;
    }
  }
}

/**
 * Makes sure that the objects are there, shows the file in the library's folder and clears the upload away.
 * Idempotent.
 */
export async function finish(ports: IngestPorts, job: IngestJob, file: AudioFile): Promise<void> {
  if (file.part === undefined || (await ports.objects.find(file.part.key)) === null) {
    throw new AppError('storage_unavailable', 'The audio was stored, and is not there.');
  }
  // Whoever deleted the last other file of the same content meanwhile took the original away with it.
  if (file.originalKey !== undefined && (await ports.objects.find(file.originalKey)) === null) {
    await ports.objects.copy(job.payload.upload_key, file.originalKey);
  }
  const isShown = await ports.folder?.publish(file.tenantId, file.filename, file.part.key);
  if (isShown === false) {
    ports.log.warn(
      { filename: file.filename },
      'something else has this name in the folder; it was left alone',
    );
  }
  await ports.objects.delete(checkpointKey(job.requestId));
  await ports.objects.delete(job.payload.upload_key);
}

function readyRecord(
  ports: IngestPorts,
  job: IngestJob,
  current: AudioFile,
  { info, tags }: SourceDetails,
  made: Pick<MadePlayable, 'part' | 'loudnessLufs'>,
  { originalKey, coverKey, waveformKey }: StoredObjects,
): AudioFile {
  const { payload } = job;
  return {
    ...current,
    ...(isOwnRecord(job, current) ? ownDetails(job, current, tags) : replacedDetails(job, current)),
    originalFilename: payload.original_filename,
    originalSha256: payload.original_sha256,
    originalSizeBytes: payload.original_size,
    originalKey,
    coverKey,
    waveformKey,
    artist: tags.artist,
    album: tags.album,
    requestId: job.requestId,
    state: 'ready',
    error: undefined,
    part: made.part,
    durationMs: Math.round(framesToMs(made.part.frameCount, made.part)),
    format: info.format,
    loudnessLufs: made.loudnessLufs,
    updatedAtMs: ports.clock(),
  };
}

/** The tags give the title, unless somebody has: with the upload, or by an edit since. */
function ownDetails({ payload }: IngestJob, current: AudioFile, tags: MediaTags): Partial<AudioFile> {
  const isUntitled = payload.title === undefined && current.title === titleFromFilename(payload.filename);
  return isUntitled && tags.title !== undefined ? { title: tags.title } : {};
}

/** What people wrote about the file stays. */
function replacedDetails(job: IngestJob, current: AudioFile): Partial<AudioFile> {
  const { payload } = job;
  return {
    title: payload.title ?? current.title,
    description: payload.description ?? current.description,
    ...(losesTranscript(job, current) && WITHOUT_TRANSCRIPT),
  };
}

/** What was said in the audio that was there is not said in this one. A record of an older program that has no audio yet
 * has the transcript of the one that comes. */
const losesTranscript = ({ requestId }: IngestJob, current: AudioFile): boolean =>
  current.requestId !== requestId && current.part !== undefined;

/** Before the switch, so that a crash after it forgets nothing; the sweep spares what a record still names. */
async function retireReplaced(ports: IngestPorts, current: AudioFile, next: AudioFile): Promise<void> {
  const sweepAtMs = ports.clock() + RETIRED_FOR_MS;
  const kept = objectKeysOf(next);
  for (const key of objectKeysOf(current)) {
    if (kept.includes(key)) continue;
    await ports.retired.add({ key, sweepAtMs });
  }
}
