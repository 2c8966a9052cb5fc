import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { AppError } from '../../domain/app-error.ts';
import type { ArchiveWriter, StreamArchive } from '../../domain/archive.ts';
import { watchBody } from '../../domain/watched-body.ts';

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
      await addEntry(packing, name, sizeBytes, body, async () => {
        await written;
        // Only what the system says is one of the disk.
        return failure !== undefined && isOfSystem(failure.error) ? unwritable(failure.error) : null;
      });
    },

    async finish() {
      packing.finalize();
      await written;
      if (failure !== undefined) throw unwritable(failure.error);
    },
  };
}

/** The same, without a file. */
export const streamTar: StreamArchive = async function* (fill) {
  const packing = pack();
  let isLeft = false;
  let failure: { readonly error: unknown } | undefined;
  const whyEnded = async () =>
    isLeft ? new AppError('aborted', 'Nobody reads the archive any more.') : null;
  const filled = fill({
    add: (name, sizeBytes, body) => addEntry(packing, name, sizeBytes, body, whyEnded),
    finish: async () => packing.finalize(),
  }).catch((error: unknown) => {
    failure = { error };
    packing.destroy();
  });
  try {
    for await (const chunk of packing) yield chunk;
    await filled;
  } catch (error) {
    await filled;
    throw failure === undefined ? error : failure.error;
  } finally {
    isLeft = true;
    packing.destroy();
    await filled;
  }
  if (failure !== undefined) throw failure.error;
};

/** @param whyEnded what ended the archive; null where it was the entry. The archive ends with its first failure */
async function addEntry(
  packing: Pack,
  name: string,
  sizeBytes: number,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  whyEnded: () => Promise<AppError | null>,
): Promise<void> {
  const watched = watchBody(body);
  const header = { name, size: sizeBytes, mode: MODE, mtime: new Date(0) };
  try {
    await pipeline(Readable.from(watched.chunks), packing.entry(header));
  } catch (error) {
    if (watched.failure !== undefined) throw watched.failure.error;
    const ended = await whyEnded();
    if (ended !== null) throw ended;
    throw new AppError('internal', `${name} changed while it was put into the archive.`, { cause: error });
  }
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
