import { constants, copyFile, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemCode } from './system-error.ts';

/** Not there on Windows. */
const NO_FOLLOW = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0;

/** Opens a file that others may have put there; a symbolic link, which might lead out of the directory, is an error. */
export const openForReading = (path: string): Promise<FileHandle> =>
  open(path, constants.O_RDONLY | NO_FOLLOW);

/** Waits until the content of a file is on disk. */
export async function syncFile(path: string): Promise<void> {
  // Windows flushes only what is open for writing; a read-only file cannot be opened so, and need not be elsewhere.
  const handle = await open(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Waits until the names in a directory are on disk: what was renamed into it stays there after a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory; NTFS journals its names.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network and FUSE file systems have no fsync for directories.
    if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(systemCode(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Makes a directory and those above it, and waits until their names are on disk. Not by mkdir's own `recursive`, which
 * never ends where the system denies that a directory's parent is there (nodejs/node: mkdir below `/proc`).
 *
 * @throws the error of the file system; EEXIST when there is something else
 */
export async function makeDirectory(path: string): Promise<void> {
  const wanted = resolve(path);
  if (await tryMakeDirectory(wanted, 'ENOENT')) return;
  await makeDirectory(dirname(wanted));
  await tryMakeDirectory(wanted);
}

/** @returns false when it fails with `expectedCode` */
async function tryMakeDirectory(path: string, expectedCode?: string): Promise<boolean> {
  try {
    await mkdir(path);
  } catch (error) {
    if (systemCode(error) === expectedCode && dirname(path) !== path) return false;
    if (systemCode(error) !== 'ENOENT' && (await stat(path)).isDirectory()) return true;
    throw error;
  }
  await syncDirectory(dirname(path));
  return true;
}

/** Puts a file that is whole and flushed under its name, replacing what is there; on disk when this returns. */
export async function moveIntoPlace(temporaryPath: string, path: string): Promise<void> {
  await rename(temporaryPath, path);
  await syncDirectory(dirname(path));
}

/** Writes a file of at most a few MiB and waits until it is on disk. @throws EEXIST when one is there */
export async function writeNewFile(path: string, content: Uint8Array, mode: number): Promise<void> {
  const handle = await open(path, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Gives a file that never changes a second name: a hard link, a copy where links cannot be. The copy is flushed.
 * @returns whether it is a link
 */
export async function linkOrCopy(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    // EPERM: no links on this file system (FAT, exFAT, some network ones). EMLINK: too many of them.
    const code = systemCode(error) ?? '';
    if (!['EPERM', 'EXDEV', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
  }
  await copyDurably(from, to);
  return false;
}

/** Copies, sharing blocks where the file system can; flushed. Leaves nothing when it fails. */
export async function copyDurably(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    await syncFile(to);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') await rm(to, { force: true });
    throw error;
  }
}
