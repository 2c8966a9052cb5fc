import type { ArchiveEntry, ArchiveReader } from '../domain/archive.ts';
import type { PortableRecords } from '../domain/portable-record.ts';
import { OBJECTS } from './backup-format.ts';
import { parseHashes } from './check-backup.ts';
import type { HashedObject, PortableObject, PortableSource } from './portable-home.ts';

/** Objects up to here are read into memory, so that several can be written at once. */
const SMALL_BYTES = 1024 * 1024;

/**
 * A backup that has been checked, to be copied from.
 * @param records those of the archive, where they can be found by their keys
 */
export const backupSource = (
  archive: ArchiveReader,
  records: PortableRecords,
  signal?: AbortSignal,
): PortableSource => ({
  records,
  readObjects: () => readObjects(archive, signal),
  listHashes: () => listHashes(archive, signal),
});

async function* readObjects(
  archive: ArchiveReader,
  signal: AbortSignal | undefined,
): AsyncGenerator<PortableObject> {
  for await (const entry of archive.readEntries(signal)) {
    if (!entry.name.startsWith(OBJECTS)) await drain(entry);
    else if (entry.sizeBytes <= SMALL_BYTES) yield await readSmall(entry);
    else {
      const { promise, resolve } = Promise.withResolvers<void>();
      let read = 0;
      const counted = async function* () {
        for await (const chunk of entry.body) {
          read += chunk.length;
          yield chunk;
        }
      };
      yield { ...namesOf(entry), read: counted, release: resolve };
      // The archive is read from front to back: nobody gets the next object before this one is done with.
      await promise;
      if (read === 0) await drain(entry);
      // Whoever left off in the middle has failed, and has said so: there is no going on from there.
      else if (read < entry.sizeBytes) return;
    }
  }
}

async function readSmall(entry: ArchiveEntry): Promise<PortableObject> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry.body) chunks.push(chunk);
  return {
    ...namesOf(entry),
    async *read() {
      yield* chunks;
    },
    release: () => undefined,
  };
}

const namesOf = ({ name, sizeBytes }: ArchiveEntry) => ({ key: name.slice(OBJECTS.length), sizeBytes });

async function* listHashes(
  archive: ArchiveReader,
  signal: AbortSignal | undefined,
): AsyncGenerator<HashedObject> {
  for await (const entry of archive.readEntries(signal)) {
    if (!entry.name.startsWith('hashes/')) {
      await drain(entry);
      continue;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry.body) chunks.push(chunk);
    for (const { name, size, sha256 } of parseHashes(entry.name, Buffer.concat(chunks))) {
      if (!name.startsWith(OBJECTS)) continue;
      yield { key: name.slice(OBJECTS.length), sizeBytes: size, sha256: async () => sha256 };
    }
  }
}

async function drain({ body }: ArchiveEntry): Promise<void> {
  for await (const chunk of body) void chunk;
}
