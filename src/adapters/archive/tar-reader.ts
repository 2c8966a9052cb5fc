import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import type { ArchiveReader } from '../../domain/archive.ts';

/** The file is read as it comes; never by what it says of itself but sizes, which are those of what follows. */
export function openTarReader(path: string): ArchiveReader {
  return {
    async *readEntries(signal) {
      const source = createReadStream(path);
      const entries = extract();
      let failure: unknown;
      const fed = pipeline(source, entries).catch((error: unknown) => {
        failure ??= error;
      });
      try {
        for await (const entry of entries) {
          throwIfAborted(signal);
          const { name, size, type } = entry.header;
          if (type !== 'file') throw new AppError('invalid_input', `The archive holds a ${type ?? 'thing'}.`);
          yield { name, sizeBytes: size ?? 0, body: readBody(entry) };
        }
        await fed;
        if (failure !== undefined) throw unreadable(failure);
      } catch (error) {
        throw error instanceof AppError ? error : unreadable(failure ?? error);
      } finally {
        source.destroy();
        entries.destroy();
        await fed;
      }
    },
  };
}

async function* readBody(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of entry) yield chunk as Uint8Array;
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return new AppError('not_found', 'There is no such file.', { cause });
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) {
    return new AppError('storage_unavailable', `The archive cannot be read (${code}).`, { cause });
  }
  return new AppError('invalid_input', 'The archive is damaged, cut off, or no archive.', { cause });
}
