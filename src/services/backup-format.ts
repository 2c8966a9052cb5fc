import { AppError } from '../domain/app-error.ts';
import { PORTABLE_KINDS, type PortableKind } from '../domain/portable-record.ts';

/*
 * A backup, in the order of its entries:
 *
 *   manifest.json                  what this is, and of which version
 *   records/{kind}-{n}.ndjson      records, one JSON value a line; n from 1 for each kind
 *   objects/{key}                  objects as they are, by key
 *   hashes/{n}.ndjson              `{name, size, sha256}` of each entry since the last such list, in their order
 *   end.json                       how much there is, and the SHA-256 of all lists of hashes one after the other
 *
 * Lists of hashes come between the others, so that neither the writer nor a reader has to remember them all.
 */

export const FORMAT = 'earshot-backup';
export const FORMAT_VERSION = 1;

export const MANIFEST = 'manifest.json';
export const END = 'end.json';
export const OBJECTS = 'objects/';

/** Entries that one list of hashes is for. */
export const HASHES_EVERY = 1000;
/** Of an entry of records: those of one kind are gathered until there are so many bytes of them. */
export const RECORDS_BYTES = 1024 * 1024;
/** Of any entry that is read as a whole. */
export const MAX_TEXT_BYTES = 16 * 1024 * 1024;

export interface HashLine {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

export interface BackupManifest {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly created_at: string;
  /** Of the program that wrote it. */
  readonly program: string;
}

export interface BackupTotals {
  readonly records: number;
  readonly objects: number;
  /** Of the objects. */
  readonly bytes: number;
}

export interface BackupEnd extends BackupTotals {
  readonly sha256: string;
}

/** What a backup is called that was begun then. */
export const backupFilename = (atMs: number): string => {
  const time = new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return `earshot-${time.replaceAll(':', '-')}.tar`;
};

const numbered = (value: number): string => String(value).padStart(6, '0');

export const recordsName = (kind: PortableKind, place: number): string =>
  `records/${kind}-${numbered(place)}.ndjson`;
export const hashesName = (place: number): string => `hashes/${numbered(place)}.ndjson`;

const RECORDS = /^records\/([a-z_]+)-\d+\.ndjson$/;

/** The kind of the records in an entry; null for another entry. */
export function kindOfEntry(name: string): PortableKind | null {
  const kind = RECORDS.exec(name)?.[1];
  return PORTABLE_KINDS.find((one) => one === kind) ?? null;
}

export const unusableBackup = (why: string, cause?: unknown): AppError =>
  new AppError('invalid_input', `The backup cannot be used: ${why} Nothing was changed.`, { cause });
