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
        let isLent = false;
        try {
          for await (const chunk of body) {
            isLent = true;
            yield chunk;
            isLent = false;
          }
        } catch (error) {
          // When the archive fails, its error is thrown in here, in place of asking for more.
          if (!isLent) bodyFailure = { error };
          throw error;
        }
      };
      const header = { name, size: sizeBytes, mode: MODE, mtime: new Date(0) };
      try {
        await pipeline(Readable.from(watched()), packing.entry(header));
      } catch (error) {
        if (bodyFailure !== undefined) throw bodyFailure.error;
        // The archive ends with its first failure; only what the system says is one of the disk.
        await written;
        if (failure !== undefined && isOfSystem(failure.error)) throw unwritable(failure.error);
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

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** `ENOSPC`, `EIO`; not `ERR_…`, which are Node's own. */
const isOfSystem = (error: unknown): boolean => /^E[A-Z]+$/.test(String(codeOf(error)));

function unwritable(cause: unknown): AppError {
  const isFull = codeOf(cause) === 'ENOSPC';
  return isFull
    ? new AppError('insufficient_storage', 'There is no space left for the archive.', { cause })
    : new AppError('storage_unavailable', 'The archive cannot be written.', { cause });
}
