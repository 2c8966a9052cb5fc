import type { Page, PageRequest } from './page.ts';

export interface ObjectInfo {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

export interface ByteRange {
  readonly start: number;
  readonly endExclusive: number;
}

/**
 * Bytes under keys: a directory or a bucket. A key is `/`-separated segments of `A-Z a-z 0-9 - _ .`, none of them
 * beginning with a dot. An object is whole or absent.
 *
 * Every method may throw storage_unavailable; writers insufficient_storage too.
 */
export interface ObjectStore {
  find(key: string): Promise<ObjectInfo | null>;
  /** `find` for each of up to 5,000 keys, in their order, faster than one by one. */
  findMany(keys: readonly string[]): Promise<(ObjectInfo | null)[]>;
  /**
   * The bytes of one range, at most a few MiB, in one array of exactly its length.
   * @param memory an array of that length which the bytes may be read into and which is then returned; once the promise
   * has settled, nothing more is written to it
   * @throws not_found; storage_unavailable when the object is shorter than the range
   */
  readRange(
    key: string,
    range: ByteRange,
    signal?: AbortSignal,
    memory?: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array>;
  /** The object, or one range of it, chunk by chunk. Stopping the iteration stops the read and closes its handle. */
  read(key: string, range?: ByteRange, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Stores the body, replacing what is there, once all of it has come. */
  write(
    key: string,
    body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<ObjectInfo>;
  /** Takes a local file into the store and away from its place (a rename where that is possible). An object that is
   * there already is replaced. The content is on disk when this returns. */
  takeFile(key: string, path: string): Promise<ObjectInfo>;
  /** Copies inside the store, without moving the bytes through the program where it can. @throws not_found */
  copy(fromKey: string, toKey: string): Promise<ObjectInfo>;
  /** Idempotent. */
  delete(key: string): Promise<void>;
  /** By key, by code point. */
  list(prefix: string, page: PageRequest): Promise<Page<ObjectInfo>>;
  /** Gives `use` a local path with the object's content, which it must not change; valid until `use` has settled. */
  withLocalFile<Result>(key: string, use: (path: string) => Promise<Result>): Promise<Result>;
}

const OBJECT_KEY = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;
const MAX_OBJECT_KEY_LENGTH = 512;

/** Whether `value` is a key by the rule above. Nothing else ever becomes a path. */
export function isObjectKey(value: string): boolean {
  return value.length <= MAX_OBJECT_KEY_LENGTH && OBJECT_KEY.test(value);
}
