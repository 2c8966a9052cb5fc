import type { Config } from '../config.ts';

/** Definitions outside of the home: `{name}.json` in a directory, or below a prefix of a bucket. */
export interface DefinitionFolder {
  /** Where a definition is, for a person. */
  placeOf(name: string): string;
  /**
   * Names that streams can have, each once.
   * @param onOddName told of whatever else looks like the file of a definition
   */
  listNames(onOddName: (place: string) => void): AsyncIterable<string>;
  /** @throws conflict when it is none that can be read: a symbolic link, say, or far too large */
  read(name: string): Promise<FolderEntry | null>;
  /**
   * Whole or not at all.
   * @param over what `read` gave
   * @throws precondition_failed when something else is there by now
   */
  write(name: string, bytes: Uint8Array, over: FolderEntry | null): Promise<void>;
  close(): void;
}

export interface FolderEntry {
  readonly bytes: Uint8Array;
  /** Of an object. */
  readonly etag?: string | undefined;
}

/** Where a folder is meant to be. */
export type FolderAddress =
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 'bucket';
      readonly bucket: NonNullable<Config['audioBucket']>;
      /** Empty, or with a slash at its end. */
      readonly prefix: string;
    };

export interface FolderOptions {
  readonly tenantId: string;
  /** `write` makes the directory where there is none; to read from, it must be there. */
  readonly use: 'read' | 'write' | 'compare';
}
