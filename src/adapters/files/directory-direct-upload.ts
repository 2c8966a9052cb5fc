import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError, isNotFound } from '../../domain/app-error.ts';
import {
  checkAllThere,
  cutIntoParts,
  exactly,
  noSuchPart,
  noSuchUpload,
  type DirectUploads,
  type OpenUpload,
  type UploadPart,
} from '../../domain/direct-upload.ts';
import type { ObjectStore } from '../../domain/object-store.ts';
import { makeDirectory } from './durable-file.ts';
import { storageError, systemCode, translating, unlessGone } from './system-error.ts';

export interface DirectoryDirectUploadOptions {
  /** Of the object store. Uploads lie in a hidden directory of it, where any process that shares it finds them. */
  readonly root: string;
  readonly objects: Pick<ObjectStore, 'write'>;
}

const DIRECTORY = '.direct-uploads';
const UPLOAD_ID = /^[0-9a-f]{32}$/;
/** Two: of a connection that has died, nobody may have noticed yet when its part is sent again. */
const SENDERS_OF_A_PART = 2;

const translated = translating((error) => storageError(error, 'upload'));

/**
 * Direct uploads into a directory: one directory for each, one file a part, flushed and named by its number once it is
 * whole. Completing copies the parts into the object, so that until then an upload takes its length twice: a part that
 * is still being sent again can change nothing of what has been completed.
 */
export function openDirectoryDirectUploads(options: DirectoryDirectUploadOptions): DirectUploads {
  const root = join(resolve(options.root), DIRECTORY);
  const senders = new Map<string, number>();

  const directoryOf = ({ uploadId }: Pick<OpenUpload, 'uploadId'>): string => {
    if (!UPLOAD_ID.test(uploadId)) throw noSuchUpload();
    return join(root, uploadId);
  };

  const remove = (path: string) => rm(path, { recursive: true, force: true });

  return {
    begin: (_key, { sizeBytes }) =>
      translated(async () => {
        const parts = cutIntoParts(sizeBytes);
        const uploadId = randomBytes(16).toString('hex');
        await makeDirectory(root);
        await mkdir(join(root, uploadId), { mode: 0o700 });
        return { uploadId, parts: parts.map((part) => ({ ...part, url: null })) };
      }),

    async writePart(upload, number, body) {
      const part = cutIntoParts(upload.sizeBytes)[number - 1];
      if (part === undefined) throw noSuchPart();
      const path = join(directoryOf(upload), String(number));
      const sending = senders.get(path) ?? 0;
      if (sending >= SENDERS_OF_A_PART) {
        const details = { retry_after_s: 5 };
        throw new AppError('conflict', 'This part is being sent already.', { details });
      }
      senders.set(path, sending + 1);
      try {
        await writeWhole(path, part, body);
      } finally {
        const left = (senders.get(path) ?? 1) - 1;
        if (left > 0) senders.set(path, left);
        else senders.delete(path);
      }
    },

    async complete(upload) {
      const directory = directoryOf(upload);
      const parts = cutIntoParts(upload.sizeBytes);
      const there = await translated(async () => new Set(await readdir(directory)));
      checkAllThere(parts, ({ number }) => there.has(String(number)));
      await options.objects.write(upload.key, readParts(directory, parts));
      await translated(() => remove(directory));
    },

    async abort(upload) {
      const directory = directoryOf(upload);
      await translated(() => remove(directory));
    },

    sweep: (beforeMs) =>
      translated(async () => {
        let count = 0;
        for (const name of (await readdir(root).catch(unlessGone)) ?? []) {
          const path = join(root, name);
          // A directory's time is that of the last part.
          const stats = await lstat(path).catch(unlessGone);
          if (stats === undefined || stats.mtimeMs >= beforeMs) continue;
          await remove(path);
          count += 1;
        }
        return count;
      }),
  };
}

/** Under a name of its own until all is there and flushed; nothing of it is left where that fails. */
async function writeWhole(path: string, part: UploadPart, body: AsyncIterable<Uint8Array>): Promise<void> {
  const temporaryPath = `${path}.${randomBytes(8).toString('hex')}`;
  let bodyError: unknown;
  const watched = async function* () {
    try {
      yield* exactly(part, body);
    } catch (error) {
      bodyError = error;
      throw error;
    }
  };
  try {
    const handle = await open(temporaryPath, 'wx', 0o600);
    try {
      await handle.writeFile(watched());
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporaryPath, path);
  } catch (error) {
    await rm(temporaryPath, { force: true });
    // What went wrong with the sender is no failure of the storage, though it may look like one: ECONNRESET.
    if (error === bodyError) throw error;
    // The directory went: it was completed or aborted.
    if (systemCode(error) === 'ENOENT') throw noSuchUpload();
    throw storageError(error, 'upload');
  }
}

/** @throws not_found when the upload is aborted meanwhile */
async function* readParts(directory: string, parts: readonly UploadPart[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    try {
      yield* exactly(
        part,
        createReadStream(join(directory, String(part.number)), { highWaterMark: 512 * 1024 }),
      );
    } catch (error) {
      const known = storageError(error, 'upload');
      throw isNotFound(known) ? noSuchUpload() : known;
    }
  }
}
