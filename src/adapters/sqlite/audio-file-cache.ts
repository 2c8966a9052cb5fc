import type { AudioFile } from '../../domain/audio-file.ts';

export interface AudioFileCacheOptions {
  /** Another value whenever somebody else may have changed records: another process, another connection. */
  readonly version: () => number;
  /** Of text and numbers, roughly; those held longest give way. */
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
  const records = new Map<string, AudioFile>();
  let heldBytes = 0;
  let heldVersion: number | undefined;

  function drop(id: string): void {
    const file = records.get(id);
    if (file === undefined) return;
    records.delete(id);
    heldBytes -= bytesOf(file);
  }

  return {
    look(tenantId, filenames) {
      const current = version();
      if (current !== heldVersion) {
        records.clear();
        heldBytes = 0;
        heldVersion = current;
      }
      const held: AudioFile[] = [];
      const missing: string[] = [];
      for (const filename of new Set(filenames)) {
        const file = records.get(idOf(tenantId, filename));
        if (file === undefined) missing.push(filename);
        else held.push(file);
      }
      return { held, missing };
    },

    hold(files) {
      for (const file of files) {
        const id = idOf(file.tenantId, file.filename);
        drop(id);
        records.set(id, freeze(file));
        heldBytes += bytesOf(file);
      }
      for (const id of records.keys()) {
        if (heldBytes <= maxBytes) return;
        drop(id);
      }
    },

    forget: (tenantId, filename) => drop(idOf(tenantId, filename)),
  };
}

/** Neither a tenant nor a file name holds a control character. */
const idOf = (tenantId: string, filename: string): string => `${tenantId}\n${filename}`;

const bytesOf = ({ title, description, tags }: AudioFile): number =>
  RECORD_BYTES + 2 * (title.length + description.length + tags.length * 50);

function freeze(file: AudioFile): AudioFile {
  Object.freeze(file.tags);
  Object.freeze(file.part);
  Object.freeze(file.format);
  return Object.freeze(file);
}
