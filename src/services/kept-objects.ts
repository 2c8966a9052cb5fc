import { createHash } from 'node:crypto';
import type { ObjectInfo, ObjectStore } from '../domain/object-store.ts';
import type { HashedObject, PortableObject } from './portable-home.ts';

/**
 * What is kept for good, by key. Not what lies beside it: unfinished uploads, definitions of streams, which are records,
 * links under the names of files, which the folder makes anew, and debug artefacts, which expire.
 */
const KEPT_PREFIXES = [
  'covers/',
  'index/',
  'originals/',
  'playable/',
  'queues/',
  'transcripts/',
  'waveforms/',
] as const;

const PAGE = 1000;
/** Of the keys whose name is the hash of their content. */
const NAMED_BY_CONTENT = /^(?:covers|originals|playable|queues|transcripts)\/([0-9a-f]{64})(?:\.[^/]+)?$/;

export const isKeptKey = (key: string): boolean => KEPT_PREFIXES.some((prefix) => key.startsWith(prefix));

/** The hash that a key promises; null where it promises none. */
export const promisedSha256 = (key: string): string | null => NAMED_BY_CONTENT.exec(key)?.[1] ?? null;

/** By key. */
export async function* listKept(objects: Pick<ObjectStore, 'list'>): AsyncGenerator<ObjectInfo> {
  for (const prefix of KEPT_PREFIXES) {
    for (let after; ;) {
      const page: Awaited<ReturnType<ObjectStore['list']>> = await objects.list(prefix, {
        limit: PAGE,
        after,
      });
      yield* page.items;
      if (page.next === undefined) break;
      after = page.next;
    }
  }
}

/** The objects of a home, to be copied. */
export async function* readKept(objects: ObjectStore, signal?: AbortSignal): AsyncGenerator<PortableObject> {
  for await (const { key, sizeBytes } of listKept(objects)) {
    yield { key, sizeBytes, read: () => objects.read(key, undefined, signal), release: () => undefined };
  }
}

/** The same, to be compared with. */
export async function* hashKept(objects: ObjectStore, signal?: AbortSignal): AsyncGenerator<HashedObject> {
  for await (const { key, sizeBytes } of listKept(objects)) {
    yield { key, sizeBytes, sha256: () => hashObject(objects, key, signal) };
  }
}

/** SHA-256 of an object's bytes, in hexadecimal. @throws not_found */
export async function hashObject(
  objects: Pick<ObjectStore, 'read'>,
  key: string,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of objects.read(key, undefined, signal)) hash.update(chunk);
  return hash.digest('hex');
}
