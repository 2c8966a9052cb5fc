import { AppError, isValidationError, ValidationError } from './app-error.ts';
import type { Page, PageRequest } from './page.ts';
import type { PlayMode } from './play-mode.ts';
import type { StreamSchedule } from './stream-schedule.ts';
import { utf8Length } from './utf8-length.ts';

export const MAX_QUEUE_ENTRIES = 5000;
/** Of the list of file names as JSON, in bytes of UTF-8. */
export const MAX_QUEUE_BYTES = 300_000;
/** Of a whole definition: a queue of the largest size, and room for a title and what else is kept beside it. */
export const MAX_DEFINITION_BYTES = MAX_QUEUE_BYTES + 8_000;

/** Names that are routes of their own. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['queues', 'export', 'import']);

/** 1 to 100 of `A-Z a-z 0-9 - _`; not a reserved name. @throws {ValidationError} */
export function parseStreamName(value: string, field = 'name'): string {
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(value)) {
    throw new ValidationError(field, 'A stream name has 1 to 100 letters, digits, "-" or "_".');
  }
  if (RESERVED_NAMES.has(value)) throw new ValidationError(field, `"${value}" is reserved.`);
  return value;
}

export function isStreamName(value: string): boolean {
  try {
    return parseStreamName(value) === value;
  } catch (error) {
    if (isValidationError(error)) return false;
    throw error;
  }
}

export type Persistence = 'permanent' | 'session';

/** What a stream is made of. Unique by (`tenantId`, `name`). */
export interface StreamDefinition {
  readonly tenantId: string;
  readonly name: string;
  readonly title?: string | undefined;
  /** File names of the library, in playing order; a name may occur more than once. */
  readonly files: readonly string[];
  readonly playMode: PlayMode;
  readonly persistence: Persistence;
  /** Milliseconds since the epoch. A reader treats an expired stream as gone. */
  readonly expiresAtMs?: number | undefined;
  /** The login session that a `session` stream goes with. */
  readonly sessionId?: string | undefined;
  readonly createdBy?: string | undefined;
  /** Absent in definitions of the predecessor. */
  readonly updatedAtMs?: number | undefined;
  /** Absent as long as nobody has edited the stream while it played without end. */
  readonly schedule?: StreamSchedule | undefined;
}

export interface StoredStream extends StreamDefinition {
  /** Opaque; another one whenever the content is another. */
  readonly revision: string;
  /** When what is stored was last written, by whoever, where the home can tell. */
  readonly storedAtMs?: number | undefined;
}

/** What a save asks of the definition that is there: this revision, none at all (`null`), or anything (`undefined`). */
export type ExpectedRevision = string | null | undefined;

export interface StreamStore {
  /** @returns null when unknown or expired */
  find(tenantId: string, name: string): Promise<StoredStream | null>;
  /** By name, by code point. Definitions that cannot be read are reported to the log and left out. */
  list(tenantId: string, page: PageRequest): Promise<Page<StoredStream>>;
  /**
   * Whole or not at all.
   * @throws too_large as `checkQueueSize`; precondition_failed when the revision is not the expected one;
   * storage_unavailable; insufficient_storage
   */
  save(stream: StreamDefinition, expected?: ExpectedRevision): Promise<StoredStream>;
  /** Idempotent. @returns whether one was there. @throws precondition_failed */
  delete(tenantId: string, name: string, expected?: string): Promise<boolean>;
  /** Names of up to `limit` streams whose queue holds the file. */
  listUsing(tenantId: string, filename: string, limit: number): Promise<string[]>;
  /** Deletes the `session` streams of this login session. */
  deleteBySession(tenantId: string, sessionId: string): Promise<void>;
}

/** @throws too_large past 5,000 entries, or past 300 KB as JSON */
export function checkQueueSize(files: readonly string[]): void {
  if (files.length > MAX_QUEUE_ENTRIES || utf8Length(JSON.stringify(files)) > MAX_QUEUE_BYTES) {
    throw new AppError(
      'too_large',
      `A queue holds at most ${MAX_QUEUE_ENTRIES} entries and ${MAX_QUEUE_BYTES / 1000} KB of file names.`,
    );
  }
}
