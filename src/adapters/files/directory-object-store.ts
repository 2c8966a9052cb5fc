import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, link, lstat, open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import { PLAYABLE_PREFIX } from '../../domain/object-key.ts';
import { isObjectKey } from '../../domain/object-store.ts';
import type { ObjectInfo, ObjectStore } from '../../domain/object-store.ts';
import type { Page } from '../../domain/page.ts';
import {
  copyDurably,
  linkOrCopy,
  makeDirectory,
  moveIntoPlace,
  openForReading,
  syncDirectory,
  syncFile,
} from './durable-file.ts';
import { createFileLook } from './look-at-files.ts';
import { walkKeys } from './object-listing.ts';
import { storageError, systemCode, translating, unlessGone } from './system-error.ts';
import { openTemporaryDirectory } from './temporary-directory.ts';

export interface DirectoryObjectStoreOptions {
  readonly root: string;
  /** Where objects are put together: private to this process, swept by its owner. Where it is missing, or on another
   * file system than `root`, so that nothing can be renamed out of it, the store keeps one of its own in `root`. */
  readonly tempDir?: string | undefined;
  /** Tells the age of what killed processes left in the store's own temporary directory. */
  readonly clock?: Clock | undefined;
}

const CHUNK_BYTES = 512 * 1024;

const translated = translating((error) => storageError(error, 'object'));

/**
 * Objects as files: the key is the path below `root`. A write goes to a temporary file, is flushed, renamed into its
 * place, and the directory is flushed: whoever reads sees the object before or after, also after a power cut.
 *
 * @throws storage_unavailable when the directory cannot be made or used
 */
export async function openDirectoryObjectStore(options: DirectoryObjectStoreOptions): Promise<ObjectStore> {
  const root = resolve(options.root);
  const tempDir = await translated(async () => {
    await makeDirectory(root);
    if (options.tempDir !== undefined && (await stat(options.tempDir)).dev === (await stat(root)).dev) {
      return options.tempDir;
    }
    const parent = join(root, '.tmp');
    return (await openTemporaryDirectory({ parent, clock: options.clock ?? Date.now })).path;
  });

  const lookAt = createFileLook();
  const pathOf = (key: string): string => {
    if (!isObjectKey(key)) throw new AppError('invalid_input', 'This is no key of an object.');
    // Both are tidy, and `join` would look for what to tidy a thousand times for a stream.
    return `${root}/${key}`;
  };

  /** Lets `make` build a file under a temporary name and puts it under the key; nothing is left where that fails. */
  async function place(key: string, make: (temporaryPath: string) => Promise<void>): Promise<ObjectInfo> {
    const path = pathOf(key);
    const temporaryPath = join(tempDir, `object-${randomBytes(12).toString('hex')}`);
    try {
      await make(temporaryPath);
      await protect(key, temporaryPath);
      await makeDirectory(dirname(path));
      await moveIntoPlace(temporaryPath, path);
      return infoOf(key, await lstat(path));
    } finally {
      // Still there after a failure, and where the key had the same inode, for then a rename does nothing.
      await rm(temporaryPath, { force: true });
    }
  }

  return {
    find: (key) =>
      translated(async () => {
        const [stats] = await lookAt([pathOf(key)]);
        return stats?.isFile() === true ? infoOf(key, stats) : null;
      }),

    findMany: (keys) =>
      translated(async () => {
        const found = await lookAt(keys.map(pathOf));
        return keys.map((key, place) => {
          const stats = found[place];
          return stats?.isFile() === true ? infoOf(key, stats) : null;
        });
      }),

    readRange: (key, range, signal, memory) =>
      translated(async () => {
        throwIfAborted(signal);
        const handle = await openForReading(pathOf(key));
        try {
          const bytes = memory ?? new Uint8Array(range.endExclusive - range.start);
          return await fill(bytes, handle, range.start);
        } finally {
          await handle.close();
        }
      }),

    async *read(key, range, signal) {
      const handle = await translated(() => openForReading(pathOf(key)));
      try {
        const end = range?.endExclusive ?? (await translated(() => handle.stat())).size;
        for (let start = range?.start ?? 0; start < end; start += CHUNK_BYTES) {
          throwIfAborted(signal);
          const bytes = new Uint8Array(Math.min(CHUNK_BYTES, end - start));
          yield await translated(() => fill(bytes, handle, start));
        }
      } finally {
        await handle.close();
      }
    },

    async write(key, body, signal) {
      let bodyError: unknown;
      const watched = async function* () {
        try {
          for await (const chunk of body) {
            throwIfAborted(signal);
            yield chunk;
          }
        } catch (error) {
          bodyError = error;
          throw error;
        }
      };
      try {
        return await place(key, async (temporaryPath) => {
          const handle = await open(temporaryPath, 'wx', 0o644);
          try {
            await handle.writeFile(watched());
            await handle.sync();
          } finally {
            await handle.close();
          }
        });
      } catch (error) {
        // What went wrong with the sender is no failure of the storage, though it may look like one: ECONNRESET.
        throw error === bodyError ? error : storageError(error, 'object');
      }
    },

    takeFile: (key, path) =>
      translated(async () => {
        const target = pathOf(key);
        await syncFile(path);
        await protect(key, path);
        await makeDirectory(dirname(target));
        try {
          await rename(path, target);
        } catch (error) {
          if (systemCode(error) !== 'EXDEV') throw error;
          const info = await place(key, (temporaryPath) => copyDurably(path, temporaryPath));
          await rm(path, { force: true });
          return info;
        }
        await syncDirectory(dirname(target));
        return infoOf(key, await lstat(target));
      }),

    copy: (fromKey, toKey) =>
      translated(() => {
        const from = pathOf(fromKey);
        // A playable part is linked into the folder for people: no other object shares its file.
        const isLinkable = !isPlayable(fromKey) && !isPlayable(toKey);
        return place(toKey, async (temporaryPath) => {
          await (isLinkable ? linkOrCopy(from, temporaryPath) : copyDurably(from, temporaryPath));
        });
      }),

    delete: (key) => translated(() => rm(pathOf(key), { force: true })),

    list: (prefix, { limit, after }) =>
      translated(async () => {
        const lastKey = after?.[0];
        const items: ObjectInfo[] = [];
        const keys = walkKeys(root, { prefix, after: typeof lastKey === 'string' ? lastKey : undefined });
        for await (const key of keys) {
          const last = items.at(-1);
          if (items.length === limit && last !== undefined)
            return { items, next: [last.key] } satisfies Page<ObjectInfo>;
          const stats = await lstat(pathOf(key)).catch(unlessGone);
          if (stats?.isFile() === true) items.push(infoOf(key, stats));
        }
        return { items };
      }),

    async withLocalFile(key, use) {
      // A name of its own keeps the content there although the object may be deleted meanwhile.
      const path = pathOf(key);
      const ownPath = join(tempDir, `local-${randomBytes(12).toString('hex')}`);
      try {
        await translated(() => link(path, ownPath));
      } catch (error) {
        const code = error instanceof Error ? systemCode(error.cause) : undefined;
        if (code === 'ENOENT') throw error;
        // No links on this file system.
        await translated(() => stat(path));
        return use(path);
      }
      try {
        return await use(ownPath);
      } finally {
        await rm(ownPath, { force: true });
      }
    },
  };
}

const isPlayable = (key: string): boolean => key.startsWith(PLAYABLE_PREFIX);

/** A link to a playable part lies in the folder for people: a program that edits tags in place must not get in. */
async function protect(key: string, path: string): Promise<void> {
  if (isPlayable(key)) await chmod(path, 0o444);
}

function infoOf(key: string, stats: Stats): ObjectInfo {
  return { key, sizeBytes: stats.size, modifiedAtMs: stats.mtimeMs };
}

async function fill(
  bytes: Uint8Array<ArrayBuffer>,
  handle: FileHandle,
  start: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { length } = bytes;
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) throw new AppError('storage_unavailable', 'A stored object is shorter than it was.');
    done += bytesRead;
  }
  return bytes;
}
