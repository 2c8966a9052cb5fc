import { AppError, isAppError } from '../domain/app-error.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import { filenameFor } from '../domain/filename.ts';
import { eachBounded } from '../domain/map-bounded.ts';
import { uploadKey } from '../domain/object-key.ts';
import type { OldAudio, OldAudioFile } from '../domain/old-audio.ts';
import { isFinal } from '../domain/request.ts';
import { findAdoption, saveAdoption, type Adoption } from './adopted-audio.ts';
import { LOCAL_CALLER } from './authenticate.ts';
import type { IngestJob } from './ingest-job.ts';
import { hashObject } from './kept-objects.ts';
import { unlessRefused, type MigrationReport } from './migrate-report.ts';
import type { Ports } from './ports.ts';
import { reserveFilename, titleFromFilename } from './reserve-filename.ts';
import { waitForRequest } from './wait-for-request.ts';

export type MigrateAudioPorts = Pick<
  Ports,
  'audioFiles' | 'clock' | 'folder' | 'newId' | 'objects' | 'policy' | 'queue' | 'settings' | 'wakeWorkers'
>;

export interface MigrateAudioOptions {
  /** Whether the old file goes once the library verifiably holds it. */
  readonly deletesOld: boolean;
  /** As many as there are workers. */
  readonly atOnce: number;
}

export interface MigratedAudio {
  readonly takenIn: number;
  readonly there: number;
  readonly deleted: number;
}

const AUDIO_EXTENSION =
  /\.(mp3|m4a|m4b|mp4|aac|caf|wav|w64|aif|aiff|aifc|flac|ogg|oga|opus|webm|mka|wma|asf|amr|ac3|ape|wv|tta|mpc|au|dsf)$/i;
const MAX_RETRIES = 3;
/** A file that changes again and again is left for the next run. */
const MAX_TRIES = 3;
const { tenantId, userId } = LOCAL_CALLER;

/** What is in the place of old audio that may be audio; what else there is, is told. */
export async function* listOldAudio(
  old: OldAudio,
  report: MigrationReport,
): AsyncGenerator<OldAudioFile, void, undefined> {
  for await (const file of old.list()) {
    if (AUDIO_EXTENSION.test(file.name)) yield file;
    else report.note(`${file.name}: not looked at, since its name is none of an audio file`);
  }
}

/** Whether the library holds this version, as far as is remembered. Cheap: nothing is read of the audio. */
export async function isAdopted(
  { settings, audioFiles }: Pick<MigrateAudioPorts, 'settings' | 'audioFiles'>,
  { place }: OldAudio,
  { name, version }: OldAudioFile,
): Promise<boolean> {
  const adoption = await findAdoption(settings, place, name);
  if (adoption?.sha256 === undefined || adoption.version !== version) return false;
  const record = await audioFiles.find(tenantId, filenameFor(name));
  return record?.part !== undefined && record.originalSha256 === adoption.sha256;
}

/**
 * Takes in what an older deployment kept, through the queue, as uploads are: copied to where those lie, then ingested.
 * A record that is there without audio gets it, and keeps its dates, its title and its transcript. The old file stays
 * until it is asked to go. One that was taken in is known by its version, and one that has changed since comes again.
 * Can be killed at any moment; what cannot be decoded is told, and the rest goes on.
 */
export async function migrateAudio(
  ports: MigrateAudioPorts,
  old: OldAudio,
  report: MigrationReport,
  { deletesOld, atOnce }: MigrateAudioOptions,
): Promise<MigratedAudio> {
  const counts = { takenIn: 0, there: 0, deleted: 0 };
  await eachBounded(listOldAudio(old, report), atOnce, async (listed) => {
    await unlessRefused(report, listed.name, async () => {
      const { result, file } = await takeInSome(ports, old, listed);
      if (result === 'own') return;
      counts[result] += 1;
      if (deletesOld && (await isAdopted(ports, old, file))) {
        await checkHeld(ports, file.name);
        await old.delete(file);
        counts.deleted += 1;
        await showInFolder(ports, file.name);
      }
    });
    report.progress(listed.name);
  });
  return counts;
}

type Result = 'takenIn' | 'there' | 'own';

/** The version that there is, which may be another one by the time it is copied. */
async function takeInSome(
  ports: MigrateAudioPorts,
  old: OldAudio,
  listed: OldAudioFile,
): Promise<{ readonly result: Result; readonly file: OldAudioFile }> {
  let file = listed;
  for (let tries = 1; ; tries += 1) {
    try {
      return { result: await takeIn(ports, old, file), file };
    } catch (error) {
      if (!isAppError(error, 'conflict') || tries === MAX_TRIES) throw error;
      const now = await old.find(file.name);
      if (now === null || now.version === file.version) throw error;
      file = now;
    }
  }
}

async function takeIn(ports: MigrateAudioPorts, old: OldAudio, file: OldAudioFile): Promise<Result> {
  const { audioFiles, objects, policy, settings } = ports;
  const filename = filenameFor(file.name);
  if (await isAdopted(ports, old, file)) return 'there';
  const record = await audioFiles.find(tenantId, filename);
  // In the directory home, a link to the part stands where the old file stood.
  if (record?.part !== undefined && (await old.isLinkTo(file, record.part.key))) return 'own';
  if (file.sizeBytes > policy.maxUploadBytes) {
    throw new AppError('too_large', 'It is larger than an upload may be; see MAX_UPLOAD_MB.');
  }
  const before = await findAdoption(settings, old.place, file.name);
  if (before !== null && before.sha256 === undefined) {
    if (before.version === file.version && (await isUnderWay(ports, before))) {
      return settle(ports, old, file, filename, before);
    }
    await objects.delete(uploadKey(before.requestId));
  }

  const adoption: Adoption = { version: file.version, requestId: ports.newId() };
  await saveAdoption(settings, old.place, file.name, adoption);
  const key = uploadKey(adoption.requestId);
  try {
    await old.copyTo(file, key);
    const sha256 = await hashObject(objects, key);
    if (record?.part !== undefined) {
      if (sha256 === record.originalSha256 || sha256 === record.part.sha256) {
        await objects.delete(key);
        await saveAdoption(settings, old.place, file.name, { ...adoption, sha256: record.originalSha256 });
        return 'there';
      }
      // Another version of the old file was taken in before: then this is what it was replaced by.
      if (before?.sha256 === undefined || before.sha256 !== record.originalSha256) {
        throw new AppError('already_exists', `The library has another file named "${filename}".`);
      }
    }
    if (record?.state === 'processing') {
      throw new AppError('not_ready', 'A file of this name is on its way in; run it again later.');
    }
    await order(ports, file, { requestId: adoption.requestId, filename, sha256, record });
  } catch (error) {
    await objects.delete(key);
    throw error;
  }
  return settle(ports, old, file, filename, adoption);
}

async function order(
  ports: MigrateAudioPorts,
  file: OldAudioFile,
  wanted: { requestId: string; filename: string; sha256: string; record: AudioFile | null },
): Promise<void> {
  const { requestId, filename, sha256, record } = wanted;
  const title = record?.title === '' ? titleFromFilename(filename) : record?.title;
  const job: IngestJob = {
    requestId,
    tenantId,
    userId,
    payload: {
      upload_key: uploadKey(requestId),
      filename,
      original_filename: file.name.normalize('NFC'),
      original_sha256: sha256,
      original_size: file.sizeBytes,
      ...(title !== undefined && { title }),
      ...(record !== null && record.state !== 'failed' && { replace: true }),
    },
  };
  await ports.queue.enqueue({
    ...job,
    action: 'ingest',
    payload: { ...job.payload },
    maxRetries: MAX_RETRIES,
  });
  try {
    await reserveFilename(ports, job);
  } finally {
    ports.wakeWorkers();
  }
}

/** Waits until the library holds it, and writes down that it does. */
async function settle(
  ports: MigrateAudioPorts,
  old: OldAudio,
  file: OldAudioFile,
  filename: string,
  adoption: Adoption,
): Promise<Result> {
  const { status, error } = await waitForRequest(ports, adoption.requestId, Infinity);
  if (status !== 'COMPLETED') {
    throw new AppError(error?.code ?? 'internal', error?.message ?? `The request was ${status}.`);
  }
  const record = await ports.audioFiles.find(tenantId, filename);
  if (record === null) throw new AppError('conflict', 'The file was deleted while it was taken in.');
  await saveAdoption(ports.settings, old.place, file.name, { ...adoption, sha256: record.originalSha256 });
  return 'takenIn';
}

async function isUnderWay({ queue }: MigrateAudioPorts, { requestId }: Adoption): Promise<boolean> {
  const request = await queue.find(requestId);
  return request !== null && (!isFinal(request.status) || request.status === 'COMPLETED');
}

/** Records are one thing, and bytes another. @throws conflict */
async function checkHeld({ audioFiles, objects }: MigrateAudioPorts, name: string): Promise<void> {
  const record = await audioFiles.find(tenantId, filenameFor(name));
  const [part, original] = await objects.findMany(
    [record?.part?.key, record?.originalKey].filter((key) => key !== undefined),
  );
  const isHeld =
    part?.sizeBytes === record?.part?.sizeBytes && original?.sizeBytes === record?.originalSizeBytes;
  if (part == null || original == null || !isHeld) {
    throw new AppError('conflict', 'The library does not hold all of its audio; it was not deleted.');
  }
}

/** The old file stood where its link would have been. */
async function showInFolder({ audioFiles, folder }: MigrateAudioPorts, name: string): Promise<void> {
  const record = await audioFiles.find(tenantId, filenameFor(name));
  if (record?.part !== undefined) await folder?.publish(tenantId, record.filename, record.part.key);
}
