import type { ByteRange } from '../domain/object-store.ts';

/** A bounded cache of pieces of immutable objects, shared by all listeners: one read for many askers. */
export interface PieceCache {
  /** The bytes of the range, in chunks of at most one piece. Leaving the iteration frees the asker's share at once.
   * The chunks are shared: never write into them. @throws what ObjectStore.readRange throws */
  read(key: string, range: ByteRange, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  readonly sizeBytes: number;
}
