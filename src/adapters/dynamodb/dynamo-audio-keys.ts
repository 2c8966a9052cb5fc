import { objectKeysOf } from '../../domain/audio-file.ts';
import type { AudioFile, AudioFileSort, AudioFileState } from '../../domain/audio-file.ts';
import type { IndexName } from './query.ts';
import type { Item, ItemKey } from './dynamo-table.ts';
import { itemKey, newestFirst, ofTenant, oldestFirst } from './keys.ts';

type FileName = Pick<AudioFile, 'tenantId' | 'filename'>;

export const audioKey = (tenantId: string, filename: string): ItemKey =>
  itemKey(ofTenant(tenantId, `AUDIO#${filename}`), 'METADATA');

export const chaptersKey = (tenantId: string, filename: string): ItemKey =>
  itemKey(ofTenant(tenantId, `AUDIO#${filename}`), 'CHAPTERS');

/** Where the words of its transcript are. */
export const spokenKey = (tenantId: string, filename: string): ItemKey =>
  itemKey(ofTenant(tenantId, `AUDIO#${filename}`), 'TRANSCRIPT_WORDS');

const stateKey = ({ tenantId, filename }: FileName): ItemKey =>
  itemKey(ofTenant(tenantId, `AUDIO#${filename}`), 'STATE');

/** Where the files are that had this upload, the oldest first. */
export const hashPartition = (tenantId: string, sha256: string): string =>
  ofTenant(tenantId, `HASH#${sha256}`);

/** Where the records are, of all tenants, that name this object. */
export const objectPartition = (key: string): string => `OBJECT#${key}`;

export const SORT_INDEXES: Readonly<Record<AudioFileSort, IndexName>> = {
  name: 'GSI1',
  created: 'GSI2',
  duration: 'GSI3',
};

/** The partition, in each index, of all files of a tenant or of those in one state. */
export const listPartition = (tenantId: string, state?: AudioFileState): string =>
  ofTenant(tenantId, state === undefined ? 'AUDIO' : `AUDIO#${state}`);

const SIGN = 1n << 63n;
const ALL_BITS = (1n << 64n) - 1n;

/**
 * Sorts numbers as text, the largest first and none alike: the bits of a double are in the order of their numbers once
 * the sign is turned, or all bits where it is set (IEEE 754-2019, 5.10).
 */
function largestFirst(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value + 0);
  const bits = view.getBigUint64(0);
  const ascending = (bits & SIGN) === 0n ? bits | SIGN : bits ^ ALL_BITS;
  return (ascending ^ ALL_BITS).toString(16).padStart(16, '0');
}

/** Place of a file in a list; ties by name. */
const SORT_KEYS: Readonly<Record<AudioFileSort, (file: AudioFile) => string>> = {
  name: ({ filename }) => filename,
  created: ({ createdAtMs, filename }) => `${newestFirst(createdAtMs)}#${filename}`,
  duration: ({ durationMs, filename }) => `${largestFirst(durationMs)}#${filename}`,
};

/** What a place in a list looks like; a file name holds no `#`. */
export const PLACES: Readonly<Record<AudioFileSort, RegExp>> = {
  name: /^[^#]*$/,
  created: /^\d{16}#/,
  duration: /^[0-9a-f]{16}#/,
};

/** Keys of all three indexes. */
export function indexKeysOf(file: AudioFile, state?: AudioFileState): Item {
  const partition = listPartition(file.tenantId, state);
  const { name, created, duration } = SORT_KEYS;
  return {
    GSI1PK: partition,
    GSI1SK: name(file),
    GSI2PK: partition,
    GSI2SK: created(file),
    GSI3PK: partition,
    GSI3SK: duration(file),
  };
}

/**
 * The small items that lead to a record, by other questions than its name. They are written with it, in one
 * transaction: by the state, so that a list of the few that failed does not read all the others; by the upload; by the
 * objects that it names.
 */
export function lookUpItems(file: AudioFile): Item[] {
  const { tenantId, filename, state, originalSha256, createdAtMs } = file;
  const record = audioKey(tenantId, filename);
  const named = { tenant_id: tenantId, filename };
  const objects = new Set(objectKeysOf(file));
  const byState = { ...stateKey(file), ...indexKeysOf(file, state), ...named };
  const byObject = [...objects].map((key) => ({ ...itemKey(objectPartition(key), record.PK), ...named }));
  if (state === 'failed' || originalSha256 === '') return [byState, ...byObject];
  const age = `${oldestFirst(createdAtMs)}#${filename}`;
  return [byState, { ...itemKey(hashPartition(tenantId, originalSha256), age), ...named }, ...byObject];
}
