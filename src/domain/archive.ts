/** Files in one file, one after the other, each with its name and length before it. */
export interface ArchiveWriter {
  /** @throws what `body` throws; internal when it is of another length; insufficient_storage; storage_unavailable */
  add(name: string, sizeBytes: number, body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
  /** Nothing comes any more. All is on its way to the disk when this returns. */
  finish(): Promise<void>;
}

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
