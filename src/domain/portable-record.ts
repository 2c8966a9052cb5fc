import type { AudioFile } from './audio-file.ts';
import type { Chapter } from './chapter.ts';
import type { ApiKey, PlaybackLink, Session } from './credentials.ts';
import type { Position, PositionTarget } from './position.ts';
import type { JsonValue } from './request.ts';
import type { RetiredObject } from './retired-object.ts';
import type { StreamDefinition } from './stream.ts';
import type { User } from './user.ts';

/** What an older program kept with a record, such as the tokens of a Yoto account: this one does not read it, and takes
 * it along. */
export interface Carried {
  readonly carried?: Readonly<Record<string, JsonValue>> | undefined;
}

export interface PortableAudioFile extends AudioFile, Carried {
  readonly chapters: readonly Chapter[];
  /** Of its transcript, which a search finds it by. */
  readonly transcriptWords: readonly string[];
  /** Rises with each file that comes, within one home: the newest of equal hits of a search is found first. Where it is
   * taken by another file, a home takes one nearby. */
  readonly arrival: number;
}

/** All that a home keeps for good, by its kind: with its id, its revision and its secrets, as it is. */
export interface PortableValues {
  readonly user: User & Carried;
  readonly session: Session;
  readonly api_key: ApiKey;
  readonly playback_link: PlaybackLink;
  readonly position: PositionTarget & Position;
  readonly setting: { readonly key: string; readonly value: string };
  readonly audio_file: PortableAudioFile;
  readonly retired_object: RetiredObject;
  readonly stream: StreamDefinition;
}

export type PortableKind = keyof PortableValues;

export type PortableRecord = {
  readonly [Kind in PortableKind]: { readonly kind: Kind; readonly value: PortableValues[Kind] };
}[PortableKind];

export type RecordOf<Kind extends PortableKind> = Extract<PortableRecord, { readonly kind: Kind }>;

export const PORTABLE_KINDS = [
  'setting',
  'user',
  'session',
  'api_key',
  'audio_file',
  'playback_link',
  'position',
  'retired_object',
  'stream',
] as const satisfies readonly PortableKind[];

/** Of a record in a home: the very one, none under any of its keys, or another under one of them. */
export type Comparison = 'same' | 'absent' | 'different';

/**
 * All records of one home, to be read and written as they are: for `move`, `backup` and `restore`, while no server runs.
 * What answers the questions of the stores (lists, searches, counts) is written with them, and so is not a record.
 *
 * Not among them are requests and kept answers; keys and links that have expired, which count as gone; and what other
 * programs keep in the same tables.
 */
export interface PortableRecords {
  /** Every record once, in batches of at most 100, in the home's own order. @throws internal for damaged data */
  readAll(signal?: AbortSignal): AsyncIterable<readonly PortableRecord[]>;
  /** @param records at most 100 @returns one for each */
  compare(records: readonly PortableRecord[]): Promise<Comparison[]>;
  /**
   * Writes those that are absent; with `overwrite` also those that are different, in the place of all that have one of
   * their keys. Others are left as they are. Each record is there whole or not at all, also after a kill.
   * @param records at most 100
   * @returns what each was before; `different` without `overwrite` is a conflict, which nothing was written of
   */
  save(
    records: readonly PortableRecord[],
    options?: { readonly overwrite?: boolean | undefined },
  ): Promise<Comparison[]>;
}

export const MAX_PORTABLE_BATCH = 100;

/** Whether two are the same record, with the same content: all but the order of arrival, which is each home's own. */
export function isSameRecord(a: PortableRecord, b: PortableRecord): boolean {
  return comparable(a) === comparable(b);
}

/** A record as messages name it: no secret in it. */
export function nameRecord({ kind, value }: PortableRecord): string {
  switch (kind) {
    case 'user':
      return `user ${value.username}`;
    case 'session':
      return `session ${value.id}`;
    case 'api_key':
      return `API key ${value.id}`;
    case 'playback_link':
      return `playback link of ${value.kind} ${value.name}`;
    case 'position':
      return `position of user ${value.userId} in ${value.kind} ${value.name}`;
    case 'setting':
      return `setting ${value.key}`;
    case 'audio_file':
      return `audio file ${value.filename}${ofTenant(value.tenantId)}`;
    case 'retired_object':
      return `retired object ${value.key}`;
    case 'stream':
      return `stream ${value.name}${ofTenant(value.tenantId)}`;
  }
}

const ofTenant = (tenantId: string): string => (tenantId === 'default' ? '' : ` of tenant ${tenantId}`);

function comparable({ kind, value }: PortableRecord): string {
  return kind + JSON.stringify({ ...value, arrival: undefined }, inOrder);
}

/** Fields by name, so that the order in which a home gives them does not matter. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
