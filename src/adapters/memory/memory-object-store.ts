import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import { isObjectKey } from '../../domain/object-store.ts';
import type { ObjectInfo, ObjectStore } from '../../domain/object-store.ts';

interface StoredObject {
  readonly bytes: Uint8Array;
  readonly modifiedAtMs: number;
}

const CHUNK_BYTES = 64 * 1024;

/** Objects that go with the process, for tests. Only files that are taken in or lent out touch a disk. */
export function createMemoryObjectStore(clock: () => number = Date.now): ObjectStore {
  const objects = new Map<string, StoredObject>();

  function checked(key: string): string {
    if (!isObjectKey(key)) throw new AppError('invalid_input', 'This is no key of an object.');
    return key;
  }

  function get(key: string): StoredObject {
    const object = objects.get(checked(key));
    if (object === undefined) throw new AppError('not_found', 'There is no such object.');
    return object;
  }

  function put(key: string, bytes: Uint8Array): ObjectInfo {
    const object = { bytes, modifiedAtMs: clock() };
    objects.set(checked(key), object);
    return infoOf(key, object);
  }

  function find(key: string): ObjectInfo | null {
    const object = objects.get(checked(key));
    return object === undefined ? null : infoOf(key, object);
  }

  return {
    find: async (key) => find(key),

    findMany: async (keys) => keys.map(find),

    async readRange(key, range, signal) {
      throwIfAborted(signal);
      return slice(get(key), range.start, range.endExclusive);
    },

    async *read(key, range, signal) {
      const object = get(key);
      const end = range?.endExclusive ?? object.bytes.length;
      for (let start = range?.start ?? 0; start < end; start += CHUNK_BYTES) {
        throwIfAborted(signal);
        yield slice(object, start, Math.min(start + CHUNK_BYTES, end));
      }
    },

    async write(key, body, signal) {
      checked(key);
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) {
        throwIfAborted(signal);
        chunks.push(chunk);
      }
      return put(key, joined(chunks));
    },

    async takeFile(key, path) {
      checked(key);
      const bytes = await readFile(path);
      await rm(path);
      return put(key, joined([bytes]));
    },

    async copy(fromKey, toKey) {
      return put(toKey, get(fromKey).bytes);
    },

    async delete(key) {
      objects.delete(checked(key));
    },

    async list(prefix, { limit, after }) {
      const lastKey = after?.[0];
      const keys = [...objects.keys()]
        .filter((key) => key.startsWith(prefix) && (typeof lastKey !== 'string' || key > lastKey))
        .sort();
      const items = keys.slice(0, limit).map((key) => infoOf(key, get(key)));
      const last = items.at(-1);
      return keys.length > limit && last !== undefined ? { items, next: [last.key] } : { items };
    },

    async withLocalFile(key, use) {
      const { bytes } = get(key);
      const directory = await mkdtemp(join(tmpdir(), 'earshot-object-'));
      try {
        const path = join(directory, 'object');
        await writeFile(path, bytes, { mode: 0o400 });
        return await use(path);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

function infoOf(key: string, object: StoredObject): ObjectInfo {
  return { key, sizeBytes: object.bytes.length, modifiedAtMs: object.modifiedAtMs };
}

function slice({ bytes }: StoredObject, start: number, endExclusive: number): Uint8Array {
  if (endExclusive > bytes.length) {
    throw new AppError('storage_unavailable', 'A stored object is shorter than it was.');
  }
  return bytes.slice(start, endExclusive);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
