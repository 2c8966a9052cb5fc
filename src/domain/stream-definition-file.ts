import { AppError } from './app-error.ts';
import { isPlayMode } from './play-mode.ts';
import { MAX_DEFINITION_BYTES, MAX_QUEUE_ENTRIES } from './stream.ts';
import type { StreamDefinition } from './stream.ts';
import { decodeSchedule, encodeSchedule } from './stream-schedule.ts';
import type { StreamSchedule } from './stream-schedule.ts';

/** Why a file, or an object of a bucket, is no stream definition, as a sentence for whoever edited it. */
export class UnreadableDefinition extends Error {
  override readonly name = 'UnreadableDefinition';
}

/**
 * A definition as the bytes of its file, or of its object in a bucket: JSON in snake_case. The first three fields are
 * those that the predecessor wrote and still reads. `loop` is true for the mode `loop` alone: read back without `play_mode` it means just that,
 * while an endless shuffle that the predecessor would play in order for ever would be a different stream.
 *
 * @throws too_large past `MAX_DEFINITION_BYTES`
 */
export function encodeDefinition(stream: StreamDefinition): Uint8Array {
  const fields = {
    name: stream.name,
    files: stream.files,
    loop: stream.playMode === 'loop',
    play_mode: stream.playMode,
    title: stream.title,
    persistence: stream.persistence,
    expires_at: isoTime(stream.expiresAtMs),
    session_id: stream.sessionId,
    created_by: stream.createdBy,
    updated_at: isoTime(stream.updatedAtMs),
    schedule: stream.schedule && encodeSchedule(stream.schedule),
  };
  // Indented for people who edit it, as long as that does not make it larger than a reader takes.
  for (const indent of [2, 0]) {
    const bytes = new TextEncoder().encode(`${JSON.stringify(fields, undefined, indent)}\n`);
    if (bytes.length <= MAX_DEFINITION_BYTES) return bytes;
  }
  throw new AppError('too_large', `A stream definition has at most ${MAX_DEFINITION_BYTES / 1000} KB.`);
}

/**
 * Reads what `encodeDefinition` wrote, what the predecessor wrote (`name`, `files`, `loop`), and what people made of
 * either. The name is that of the file, whatever the content says; fields that are not known are ignored.
 *
 * @throws {UnreadableDefinition}
 */
export function decodeDefinition(bytes: Uint8Array, tenantId: string, name: string): StreamDefinition {
  if (bytes.length > MAX_DEFINITION_BYTES)
    throw new UnreadableDefinition(`It is larger than ${MAX_DEFINITION_BYTES / 1000} KB.`);
  const fields = parseFields(bytes);
  const loop = optional(fields, 'loop', isBoolean, 'true or false') ?? false;
  const playMode = optional(fields, 'play_mode', isString, 'a string') ?? (loop ? 'loop' : 'sequential');
  if (!isPlayMode(playMode)) throw new UnreadableDefinition(`"play_mode" is not one that there is.`);
  const persistence = optional(fields, 'persistence', isString, 'a string') ?? 'permanent';
  if (persistence !== 'permanent' && persistence !== 'session') {
    throw new UnreadableDefinition('"persistence" is neither "permanent" nor "session".');
  }
  return {
    tenantId,
    name,
    title: optional(fields, 'title', isString, 'a string'),
    files: parseFiles(fields['files']),
    playMode,
    persistence,
    expiresAtMs: parseTime(fields, 'expires_at'),
    sessionId: optional(fields, 'session_id', isString, 'a string'),
    createdBy: optional(fields, 'created_by', isString, 'a string'),
    updatedAtMs: parseTime(fields, 'updated_at'),
    ...parseSchedule(fields['schedule']),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function parseFields(bytes: Uint8Array): Fields {
  let value: unknown;
  try {
    // Windows editors put a byte order mark in front; the decoder takes it off.
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new UnreadableDefinition('It is no JSON in UTF-8.', { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UnreadableDefinition('It is no JSON object.');
  }
  return value as Fields;
}

/** File names in NFC, as the library has them; some systems decompose what is typed. */
function parseFiles(value: unknown): string[] {
  if (!Array.isArray(value) || !value.every(isString)) {
    throw new UnreadableDefinition('"files" is no list of file names.');
  }
  if (value.length > MAX_QUEUE_ENTRIES) {
    throw new UnreadableDefinition(`"files" has more than ${MAX_QUEUE_ENTRIES} entries.`);
  }
  return value.map((filename) => filename.normalize('NFC'));
}

function parseSchedule(value: unknown): { schedule?: StreamSchedule } {
  if (value === undefined || value === null) return {};
  const schedule = decodeSchedule(value);
  if (schedule === null)
    throw new UnreadableDefinition('"schedule" is not one; without it, all is heard at once.');
  return { schedule };
}

function parseTime(fields: Fields, field: string): number | undefined {
  const text = optional(fields, field, isString, 'a time');
  if (text === undefined) return undefined;
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs)) throw new UnreadableDefinition(`"${field}" is no time in ISO 8601.`);
  return timeMs;
}

function optional<Value>(
  fields: Fields,
  field: string,
  isValue: (value: unknown) => value is Value,
  what: string,
): Value | undefined {
  const value = fields[field];
  if (value === undefined || value === null) return undefined;
  if (!isValue(value)) throw new UnreadableDefinition(`"${field}" is not ${what}.`);
  return value;
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isoTime = (timeMs: number | undefined): string | undefined =>
  timeMs === undefined ? undefined : new Date(timeMs).toISOString();
