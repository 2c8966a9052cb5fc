import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { copyFile, lstat, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import type { ObjectStore } from '../../domain/object-store.ts';
import type { OldAudio, OldAudioFile } from '../../domain/old-audio.ts';
import { systemCode, unlessGone } from './system-error.ts';

export interface OldAudioDirectoryOptions {
  readonly path: string;
  /** What files are copied into. */
  readonly objects: Pick<ObjectStore, 'takeFile'> | null;
  /** For copies on their way; on the file system of the objects where they are files. */
  readonly tempDir: string;
}

/** The directory in which an older deployment kept its audio. Neither links nor hidden files are looked at. */
export function openOldAudioDirectory({ path, objects, tempDir }: OldAudioDirectoryOptions): OldAudio {
  const pathOf = (name: string) => join(path, name);

  async function find(name: string): Promise<OldAudioFile | null> {
    const stats = await lstat(pathOf(name)).catch(unlessGone);
    return stats?.isFile() === true ? toFile(name, stats) : null;
  }

  async function checkUnchanged(file: OldAudioFile): Promise<void> {
    const now = await translated(path, () => find(file.name));
    if (now === null) throw new AppError('not_found', 'The file is gone.');
    if (now.version !== file.version) throw new AppError('conflict', 'The file was changed in the meantime.');
  }

  return {
    place: path,

    async *list(signal) {
      const names = await translated(path, () => readdir(path));
      for (const name of names.filter((each) => !each.startsWith('.')).sort()) {
        throwIfAborted(signal);
        const file = await translated(path, () => find(name));
        if (file !== null) yield file;
      }
    },

    find: (name) => translated(path, () => find(name)),

    async copyTo(file, key) {
      if (objects === null) throw new AppError('internal', 'There is nothing to copy into.');
      const copy = join(tempDir, `old-${randomBytes(12).toString('hex')}`);
      try {
        // No link: whoever writes to the old file would write to the new one.
        await translated(path, () => copyFile(pathOf(file.name), copy, constants.COPYFILE_FICLONE));
        // Whoever writes to it meanwhile makes two versions into one copy.
        await checkUnchanged(file);
        await objects.takeFile(key, copy);
      } finally {
        await rm(copy, { force: true });
      }
    },

    async isLinkTo({ name }, key) {
      const [one, other] = await Promise.all(
        [pathOf(name), pathOf(key)].map((each) => stat(each, { bigint: true }).catch(unlessGone)),
      );
      return one !== undefined && other !== undefined && one.ino === other.ino && one.dev === other.dev;
    },

    async delete(file) {
      if ((await translated(path, () => find(file.name))) === null) return;
      await checkUnchanged(file);
      await translated(path, () => rm(pathOf(file.name), { force: true }));
    },
  };
}

const toFile = (name: string, { size, mtimeMs }: Stats): OldAudioFile => ({
  name,
  sizeBytes: size,
  version: `${size}-${mtimeMs}`,
});

const unusable = (path: string, cause: unknown): AppError =>
  new AppError('storage_unavailable', `${path} cannot be used (${systemCode(cause)}).`, { cause });

async function translated<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw systemCode(error) === undefined ? error : unusable(path, error);
  }
}
