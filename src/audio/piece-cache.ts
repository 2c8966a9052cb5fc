import type { ByteRange } from '../domain/object-store.ts';

/** An immutable object of the object store: what is under `key` never changes, and has `sizeBytes`. */
export interface ImmutableObject {
  readonly key: string;
  readonly sizeBytes: number;
}

/** A bounded cache of pieces of immutable objects, shared by all listeners: one read for many askers. */
export interface PieceCache {
  /**
   * The bytes of the range, in chunks of at most one piece. Leaving the iteration frees the asker's share at once.
   * The chunks are shared: never write into them.
   * @throws what ObjectStore.readRange throws; storage_unavailable when the range passes the end of the object;
   * aborted once `signal` is
   */
  read(object: ImmutableObject, range: ByteRange, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Bytes held and bytes being read, together never above the bound. */
  readonly sizeBytes: number;
}
