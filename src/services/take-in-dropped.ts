import { createReadStream } from 'node:fs';
import { AppError, isAppError } from '../domain/app-error.ts';
import type { DroppedFile, LibraryFolder } from '../domain/library-folder.ts';
import type { AsyncRequest } from '../domain/request.ts';
import { isFinal } from '../domain/request.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { giveWay, giveWayTo, isShownAlready, leaveAlone } from './dropped-file-removal.ts';
import { droppedFilename } from './dropped-filename.ts';
import { systemCode } from './local-file-error.ts';
import type { Ports } from './ports.ts';
import { receiveUpload } from './receive-upload.ts';
import { repeatWork } from './repeated-work.ts';
import type { RepeatedWork } from './repeated-work.ts';
import { SYSTEM_CALLER } from './system-caller.ts';
import { underFreeName } from './under-free-name.ts';
import { uploadAudio } from './upload-audio.ts';
import type { UploadOutcome } from './upload-audio.ts';

export type DroppedPorts = Pick<
  Ports,
  | 'folder'
  | 'audioFiles'
  | 'objects'
  | 'queue'
  | 'mediaTool'
  | 'policy'
  | 'newId'
  | 'clock'
  | 'wakeWorkers'
  | 'log'
>;

/** Dropped files whose ingest was asked for, by their names in the folder. Lost with the process, without harm. */
export type FilesOnTheirWay = Map<string, FileOnItsWay>;

interface FileOnItsWay {
  readonly version: string;
  readonly sha256: string;
  readonly requestId: string;
}

/** Each has a second copy on the disk until it is taken in. */
const MAX_ON_THEIR_WAY = 4;
const AFTER_FAILURE_MS = 60_000;

/**
 * Takes into the library what somebody put into its folder. The ingest works on a copy; the file itself stays until
 * its content verifiably lies in the object store, and only then gives way to the link of its library name. So nothing
 * that goes wrong, in the file or in the machine, loses it, and a run after a crash comes to the same end. What is no
 * audio stays where it is.
 *
 * @param onTheirWay the same map for every call in a process
 * @throws the first of the errors that are not a file's own fault, after all files had their turn
 */
export async function takeInDropped(
  ports: DroppedPorts,
  onTheirWay: FilesOnTheirWay,
  signal?: AbortSignal,
): Promise<void> {
  const { folder } = ports;
  if (folder === null) return;
  const dropped = await folder.listDropped();
  const errors: unknown[] = [];
  for (const file of dropped) {
    if (signal?.aborted === true) return;
    try {
      await takeIn(ports, folder, onTheirWay, file, signal);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EACCES' || code === 'EPERM') leaveAlone(ports, folder, file, 'It cannot be read.');
      // Somebody took it out of the folder again.
      else if (code !== 'ENOENT') errors.push(error);
    }
  }
  await forgetVanished(ports, onTheirWay, new Set(dropped.map(({ name }) => name)));
  if (errors.length > 0) throw errors[0];
}

/** Looks into the folder for as long as the server runs. */
export function startFolderWatch(
  ports: DroppedPorts,
  options: { readonly intervalMs: number },
): RepeatedWork {
  const onTheirWay: FilesOnTheirWay = new Map();
  const { intervalMs } = options;
  return repeatWork(
    ports,
    { name: 'taking in dropped files', intervalMs, afterFailureMs: AFTER_FAILURE_MS },
    (signal) => takeInDropped(ports, onTheirWay, signal),
  );
}

async function takeIn(
  ports: DroppedPorts,
  folder: LibraryFolder,
  onTheirWay: FilesOnTheirWay,
  file: DroppedFile,
  signal: AbortSignal | undefined,
): Promise<void> {
  const known = onTheirWay.get(file.name);
  if (known !== undefined) {
    const request = await ports.queue.find(known.requestId);
    if (request !== null && !isFinal(request.status)) return;
    onTheirWay.delete(file.name);
    if (request !== null && known.version === file.version)
      return settle(ports, folder, file, known, request);
  }
  if (onTheirWay.size >= MAX_ON_THEIR_WAY) return;

  // Before the copy, which is not worth while for a film or a picture.
  if (!(await isAudio(ports, folder, file, signal))) return;
  const upload = await receiveUpload(ports, createReadStream(file.path, { signal }));
  try {
    if (await isShownAlready(ports, upload.sha256))
      return await giveWay(ports, folder, file, 'it is in the library');
    const outcome = await order(ports, file, upload);
    if (outcome.kind === 'duplicate') {
      const { requestId, state } = outcome.file;
      if (state === 'ready') await giveWayTo(ports, folder, file, upload.sha256, outcome.file);
      else if (requestId !== undefined) {
        onTheirWay.set(file.name, { version: file.version, sha256: upload.sha256, requestId });
      }
      return;
    }
    const { requestId, filename } = outcome;
    onTheirWay.set(file.name, { version: file.version, sha256: upload.sha256, requestId });
    ports.log.info({ file: file.name, filename, requestId }, 'a dropped file is being taken in');
  } finally {
    await upload.remove();
  }
}

/** Whether the file is worth a copy; otherwise it is left alone until somebody changes it. */
async function isAudio(
  ports: DroppedPorts,
  folder: LibraryFolder,
  file: DroppedFile,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { maxUploadBytes } = ports.policy;
  try {
    if (file.sizeBytes > maxUploadBytes)
      throw new AppError('too_large', 'It is larger than an upload may be.');
    await ports.mediaTool.probe(file.path, { signal });
    return true;
  } catch (error) {
    if (!isAppError(error, 'unsupported_media') && !isAppError(error, 'too_large')) throw error;
    leaveAlone(ports, folder, file, error.message);
    return false;
  }
}

/** Asks for the ingest, under the file's name or the first number of it that is free. */
const order = (
  ports: DroppedPorts,
  file: DroppedFile,
  upload: Parameters<typeof uploadAudio>[2],
): Promise<UploadOutcome> =>
  underFreeName(droppedFilename(file.name), (filename) =>
    uploadAudio(ports, SYSTEM_CALLER, upload, { filename, sentFilename: file.name, onConflict: 'refuse' }),
  );

/** The ingest of the file has ended. */
async function settle(
  ports: DroppedPorts,
  folder: LibraryFolder,
  file: DroppedFile,
  { sha256 }: FileOnItsWay,
  request: AsyncRequest,
): Promise<void> {
  if (request.status === 'COMPLETED') {
    const record = await ports.audioFiles.findByOriginalSha256(DEFAULT_TENANT, sha256);
    if (record?.state === 'ready') await giveWayTo(ports, folder, file, sha256, record);
    else leaveAlone(ports, folder, file, 'It was deleted from the library while it was taken in.');
  } else if (request.error?.code !== 'already_exists') {
    leaveAlone(ports, folder, file, request.error?.message ?? 'It was cancelled.');
  }
  // Else somebody took the name meanwhile: the next look finds another.
}

/** Somebody took the file out of the folder again while it was on its way. */
async function forgetVanished(
  ports: DroppedPorts,
  onTheirWay: FilesOnTheirWay,
  listed: ReadonlySet<string>,
): Promise<void> {
  for (const [name, { requestId }] of onTheirWay) {
    if (listed.has(name)) continue;
    const request = await ports.queue.find(requestId);
    if (request === null || isFinal(request.status)) onTheirWay.delete(name);
  }
}
