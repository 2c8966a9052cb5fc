import type { AudioFile } from '../../domain/audio-file.ts';

export interface AudioFileCacheOptions {
  /** Another value whenever somebody else may have changed records: another process, another connection. */
  readonly version: () => number;
  /** Of text and numbers, roughly; a tenant's that are held longest give way. */
  readonly maxBytes?: number;
}

/** Records that were read, for as long as nothing has changed them. They are shared, and so frozen. */
export interface AudioFileCache {
  /** The records of those that are held, and the names of those that must be read. */
  look(tenantId: string, filenames: readonly string[]): { held: AudioFile[]; missing: string[] };
  /** Takes in what was read after `look`, with nothing awaited in between. */
  hold(files: readonly AudioFile[]): void;
  /** For every record that this store is about to change. */
  forget(tenantId: string, filename: string): void;
}

const MAX_BYTES = 32 * 1024 * 1024;
/** What a record takes beside its free text. */
const RECORD_BYTES = 2000;

/**
 * A player asks for range after range of a stream, and each needs the records of all its parts: thousands, for which
 * SQLite takes 10 ms a thousand. Its data_version tells for nothing whether they still are what they were.
 */
export function createAudioFileCache({
  version,
  maxBytes = MAX_BYTES,
}: AudioFileCacheOptions): AudioFileCache {
  /** By tenant, then by name. Longest held first: a Map keeps the order of insertion. */
  const tenants = new Map<string, Map<string, AudioFile>>();
  let heldBytes = 0;
  let heldVersion: number | undefined;

  function drop(tenantId: string, filename: string): void {
    const records = tenants.get(tenantId);
    const file = records?.get(filename);
    if (records === undefined || file === undefined) return;
    records.delete(filename);
    if (records.size === 0) tenants.delete(tenantId);
    heldBytes -= bytesOf(file);
  }

  function put(file: AudioFile): void {
    const { tenantId, filename } = file;
    drop(tenantId, filename);
    const records = tenants.get(tenantId) ?? new Map<string, AudioFile>();
    tenants.set(tenantId, records.set(filename, freeze(file)));
    heldBytes += bytesOf(file);
  }

  function shrink(): void {
    for (const [tenantId, records] of tenants) {
      for (const filename of records.keys()) {
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
      const records = tenants.get(tenantId);
      const held: AudioFile[] = [];
      const missing: string[] = [];
      for (const filename of new Set(filenames)) {
        const file = records?.get(filename);
        if (file === undefined) missing.push(filename);
        else held.push(file);
      }
      return { held, missing };
    },

    hold(files) {
      for (const file of files) put(file);
      shrink();
    },

    forget: drop,
  };
}

const bytesOf = ({ title, description, tags, artist = '', album = '' }: AudioFile): number =>
  RECORD_BYTES + 2 * (title.length + description.length + tags.length * 50 + artist.length + album.length);

function freeze(file: AudioFile): AudioFile {
  Object.freeze(file.tags);
  Object.freeze(file.part);
  Object.freeze(file.format);
  return Object.freeze(file);
}
