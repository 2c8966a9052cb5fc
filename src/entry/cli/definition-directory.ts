import { lstat } from 'node:fs/promises';
import { openForReading } from '../../adapters/files/durable-file.ts';
import {
  listStems,
  pathOf,
  prepareDirectory,
  refuseLinks,
  writeDefinition,
} from '../../adapters/files/stream-directory.ts';
import { storageError, systemCode, translating } from '../../adapters/files/system-error.ts';
import { AppError } from '../../domain/app-error.ts';
import { isStreamName, MAX_DEFINITION_BYTES } from '../../domain/stream.ts';
import { ConfigError } from '../config-error.ts';
import type { DefinitionFolder, FolderEntry, FolderOptions } from './definition-folder.ts';

/** As the directory home has them, so that it can be one. Symbolic links are not followed. */
export async function openDefinitionDirectory(
  dir: string,
  { tenantId, use }: FolderOptions,
): Promise<DefinitionFolder> {
  const translated = translating((error) => {
    const code = systemCode(error);
    if (code === undefined) return error;
    const translatedError = storageError(error, 'directory');
    const reason = translatedError instanceof AppError ? translatedError.code : 'storage_unavailable';
    return new AppError(reason, `${dir} cannot be used (${code}).`, { cause: error });
  });

  await translated(async () => {
    if (use === 'write') await prepareDirectory(dir);
    if (use === 'read' && !(await lstatIfThere(dir))?.isDirectory()) {
      throw new ConfigError(`There is no directory ${dir}.`);
    }
  });

  const read = (name: string) =>
    translated(async (): Promise<FolderEntry | null> => {
      const path = pathOf(dir, tenantId, name);
      await refuseLinks(dir, tenantId);
      const stats = await lstatIfThere(path);
      if (stats === undefined) return null;
      // Looked at first: to open a pipe would wait for somebody to write into it.
      if (!stats.isFile()) throw new AppError('conflict', 'It is no regular file.');
      const handle = await openForReading(path);
      try {
        if ((await handle.stat()).size > MAX_DEFINITION_BYTES) {
          throw new AppError('conflict', 'It is larger than 300 KB.');
        }
        return { bytes: await handle.readFile() };
      } finally {
        await handle.close();
      }
    });

  return {
    placeOf: (name) => pathOf(dir, tenantId, name),

    async *listNames(onOddName) {
      for (const stem of await translated(() => listStems(dir, tenantId))) {
        if (isStreamName(stem)) yield stem;
        else onOddName(`${stem}.json`);
      }
    },

    read,

    write: (name, bytes, over) =>
      translated(async () => {
        await writeDefinition(dir, tenantId, name, bytes, async () => {
          const there = await read(name);
          const isExpected =
            there === null || over === null ? there === over : Buffer.compare(there.bytes, over.bytes) === 0;
          if (!isExpected) throw new AppError('precondition_failed', 'It was changed in the meantime.');
        });
      }),

    close: () => undefined,
  };
}

async function lstatIfThere(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
