import type { LibraryFolder } from '../domain/library-folder.ts';
import type { ObjectStore } from '../domain/object-store.ts';
import type { PortableRecords } from '../domain/portable-record.ts';
import type { RequestQueue } from '../domain/request.ts';

/** An object that is to be copied. */
export interface PortableObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** Once. */
  read(): AsyncIterable<Uint8Array>;
  /** To be called in the end, whether it was read or not: others may wait for it. Idempotent. */
  release(): void;
}

export interface HashedObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** SHA-256 of its bytes, in hexadecimal; reads them, where it is not known. */
  sha256(): Promise<string>;
}

/** What a home is copied from: another home, or a backup of one. */
export interface PortableSource {
  /** Those of streams among them. */
  readonly records: PortableRecords;
  /** All objects that are kept for good, by key. */
  readObjects(): AsyncIterable<PortableObject>;
  /** The same, to compare them with. */
  listHashes(): AsyncIterable<HashedObject>;
}

/** Those of a home but its streams, to be let go of. */
export interface OpenPortableRecords {
  readonly records: PortableRecords;
  close(): void;
}

/** A home, as it is copied to. */
export interface PortableHome {
  readonly records: PortableRecords;
  readonly objects: ObjectStore;
  /** null where there is none. */
  readonly folder: LibraryFolder | null;
  readonly queue: Pick<RequestQueue, 'countOpen'>;
}

/** What happens, for whoever waits: `done` of `total`, bytes or records; a total of 0 is not known. */
export type TellProgress = (phase: string, done: number, total: number) => void;
