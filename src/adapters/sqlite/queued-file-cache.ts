import type { QueuedFile } from '../../domain/audio-file.ts';

export interface QueuedFileCacheOptions {
  /** Another value whenever somebody else may have changed records: another process, another connection. */
  readonly version: () => number;
  /** Of text and numbers, roughly; a tenant's that are held longest give way. */
  readonly maxBytes?: number;
}

/**
 * What was read of files for queues, for as long as nothing has changed it. It is shared, and nobody may change it: the
 * types say so, since to freeze thousands would take as long as to find them here.
 */
export interface QueuedFileCache {
  /** Those that are held, and the names of those that must be read, each once. */
  look(tenantId: string, filenames: readonly string[]): { held: QueuedFile[]; missing: string[] };
  /** Takes in what was read after `look`, with nothing awaited in between. */
  hold(tenantId: string, files: readonly QueuedFile[]): void;
  /** For every record that this store is about to change. */
  forget(tenantId: string, filename: string): void;
}

const MAX_BYTES = 32 * 1024 * 1024;
/** What a file takes beside its free text. */
const FILE_BYTES = 1000;

/**
 * After the edit of a queue, or of one of its files, all the others are as they were: thousands, for which SQLite takes
 * 3 ms a thousand. Its data_version tells for nothing whether they still are.
 */
export function createQueuedFileCache({
  version,
  maxBytes = MAX_BYTES,
}: QueuedFileCacheOptions): QueuedFileCache {
  /** By tenant, then by name. Longest held first: a Map keeps the order of insertion. */
  const tenants = new Map<string, Map<string, QueuedFile>>();
  let heldBytes = 0;
  let heldVersion: number | undefined;

  function drop(tenantId: string, filename: string): void {
    const files = tenants.get(tenantId);
    const file = files?.get(filename);
    if (files === undefined || file === undefined) return;
    files.delete(filename);
    if (files.size === 0) tenants.delete(tenantId);
    heldBytes -= bytesOf(file);
  }

  function shrink(): void {
    for (const [tenantId, files] of tenants) {
      for (const filename of files.keys()) {
        if (heldBytes <= maxBytes) return;
        drop(tenantId, filename);
      }
    }
  }

  return {
    look(tenantId, filenames) {
      const current = version();
      if (current !== heldVersion) {
        tenants.clear();
        heldBytes = 0;
        heldVersion = current;
      }
      const files = tenants.get(tenantId);
      const held: QueuedFile[] = [];
      const missing: string[] = [];
      for (const filename of new Set(filenames)) {
        const file = files?.get(filename);
        if (file === undefined) missing.push(filename);
        else held.push(file);
      }
      return { held, missing };
    },

    hold(tenantId, read) {
      const files = tenants.get(tenantId) ?? new Map<string, QueuedFile>();
      if (read.length > 0) tenants.set(tenantId, files);
      for (const file of read) {
        const before = files.get(file.filename);
        if (before !== undefined) {
          heldBytes -= bytesOf(before);
          files.delete(file.filename);
        }
        files.set(file.filename, file);
        heldBytes += bytesOf(file);
      }
      shrink();
    },

    forget: drop,
  };
}

const bytesOf = ({ title, artist = '' }: QueuedFile): number =>
  FILE_BYTES + 2 * (title.length + artist.length);
