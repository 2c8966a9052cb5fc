import type { StoredStream } from '../../domain/stream.ts';

/** What was last seen of a definition's object. */
export interface SeenDefinition {
  readonly etag: string;
  /** Of the writes that led to this content, the last ones; see `s3-stream-object.ts`. */
  readonly writes: readonly string[];
  readonly sizeBytes: number;
  readonly found: 'unreadable' | StoredStream;
}

/** A bounded number of definitions by key. Each is asked for again before it is used, by its ETag. */
export interface DefinitionCache {
  get(key: string): SeenDefinition | undefined;
  set(key: string, seen: SeenDefinition): void;
  delete(key: string): void;
}

/** What an entry costs besides the content. */
const ENTRY_BYTES = 512;

export function createDefinitionCache(maxBytes: number): DefinitionCache {
  /** Least recently used first. */
  const entries = new Map<string, SeenDefinition>();
  let bytes = 0;

  function drop(key: string): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    bytes -= entry.sizeBytes + ENTRY_BYTES;
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry;
    },

    set(key, seen) {
      drop(key);
      entries.set(key, seen);
      bytes += seen.sizeBytes + ENTRY_BYTES;
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) return;
        drop(oldest);
      }
    },

    delete: drop,
  };
}
