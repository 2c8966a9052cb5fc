/** Files in one file, one after the other, each with its name and length before it. */
export interface ArchiveWriter {
  /** @throws what `body` throws; internal when it is of another length; insufficient_storage; storage_unavailable;
   * aborted when nobody reads any more */
  add(name: string, sizeBytes: number, body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
  /** Nothing comes any more. Of a file, all is on its way to the disk when this returns. */
  finish(): Promise<void>;
}

/**
 * What `fill` puts into an archive, as it puts it there: no faster than it is read, and to an end only when `fill` has come
 * to its own. Left before that, it makes `fill` fail with aborted, and returns when that has.
 * @throws what `fill` throws
 */
export type StreamArchive = (fill: (archive: ArchiveWriter) => Promise<void>) => AsyncIterable<Uint8Array>;

export interface ArchiveEntry {
  readonly name: string;
  readonly sizeBytes: number;
  /** To be read to its end, before the next entry is asked for. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ArchiveReader {
  /**
   * From the beginning, each time. Names are as they stand there: whoever reads checks them.
   * @throws invalid_input for what is no archive, is cut off, or holds anything but files; not_found; storage_unavailable
   */
  readEntries(signal?: AbortSignal): AsyncIterable<ArchiveEntry>;
}
