import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { AppError } from '../../domain/app-error.ts';
import type { ArchiveWriter } from '../../domain/archive.ts';

/** Only their owner may read them: they hold secrets. */
const MODE = 0o600;

/** A tar file (POSIX.1-2001, pax) written to `handle`, which stays open. Times are 1970, so that equal content is an
 * equal archive. */
export function openTarWriter(handle: FileHandle): ArchiveWriter {
  const packing = pack();
  let failure: { readonly error: unknown } | undefined;
  const written = handle.writeFile(packing).catch((error: unknown) => {
    failure ??= { error };
  });

  return {
    async add(name, sizeBytes, body) {
      let bodyFailure: { readonly error: unknown } | undefined;
      const watched = async function* () {
        try {
          yield* body;
        } catch (error) {
          bodyFailure = { error };
          throw error;
        }
      };
      const header = { name, size: sizeBytes, mode: MODE, mtime: new Date(0) };
      const entry = packing.entry(header);
      try {
        await pipeline(Readable.from(watched()), entry);
      } catch (error) {
        if (bodyFailure !== undefined) throw bodyFailure.error;
        if (failure !== undefined) throw unwritable(failure.error);
        throw new AppError('internal', `${name} changed while it was put into the archive.`, {
          cause: error,
        });
      }
    },

    async finish() {
      packing.finalize();
      await written;
      if (failure !== undefined) throw unwritable(failure.error);
    },
  };
}

function unwritable(cause: unknown): AppError {
  const isFull = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
  return isFull
    ? new AppError('insufficient_storage', 'There is no space left for the archive.', { cause })
    : new AppError('storage_unavailable', 'The archive cannot be written.', { cause });
}
