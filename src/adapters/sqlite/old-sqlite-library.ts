import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { AppError } from '../../domain/app-error.ts';
import {
  parseOldDate,
  parseOldTranscriptStatus,
  type OldLibrary,
  type OldLibraryFile,
  type OldLibraryUser,
} from '../../domain/old-library.ts';

type OldRow = Readonly<Record<string, SQLOutputValue>>;

const USER_COLUMNS = [
  ...['id', 'username', 'email', 'hashed_password', 'is_active', 'is_admin', 'created_at', 'updated_at'],
  ...['yoto_access_token', 'yoto_refresh_token', 'yoto_token_expires_at'],
];
const FILE_COLUMNS = [
  ...['id', 'filename', 'size', 'duration', 'transcript', 'transcript_status', 'transcript_error'],
  ...['created_at', 'updated_at', 'transcribed_at'],
];

/**
 * Opens the predecessor's database, to read it. Its tables grew over the years: what a table lacks is absent, and so is
 * a table that is not there, as long as one is.
 * @throws invalid_input when it is not the predecessor's; storage_unavailable when it cannot be read
 */
export function openOldSqliteLibrary(path: string): OldLibrary {
  const connection = open(path);
  try {
    const tables = new Set(
      read(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'").map(({ name }) => name),
    );
    if (!tables.has('users') && !tables.has('audio_files')) throw isNone(path);
    // Earshot's own has these tables as well.
    if (tables.has('users') && !columnsOf(connection, 'users').includes('hashed_password'))
      throw isNone(path);

    const rowsOf = (table: string, wanted: readonly string[]): Iterable<OldRow> => {
      if (!tables.has(table)) return [];
      const there = columnsOf(connection, table);
      const columns = wanted.filter((column) => there.includes(column));
      const order = there.includes('id') ? 'id' : 'rowid';
      return connection.prepare(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${order}`).iterate();
    };

    return {
      *users() {
        for (const row of rowsOf('users', USER_COLUMNS)) yield toUser(row);
      },
      *files() {
        for (const row of rowsOf('audio_files', FILE_COLUMNS)) yield toFile(row);
      },
      settingNames: () => [...rowsOf('settings', ['key'])].flatMap((row) => text(row, 'key') ?? []),
      close: () => connection.close(),
    };
  } catch (error) {
    connection.close();
    throw translated(error, path);
  }
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { readOnly: true });
  } catch (cause) {
    throw new AppError('storage_unavailable', `${path} cannot be opened.`, { cause });
  }
}

const isNone = (path: string): AppError =>
  new AppError(
    'invalid_input',
    `${path} is no database of the predecessor: it has no users and audio files of its.`,
  );

function translated(error: unknown, path: string): unknown {
  if (error instanceof AppError) return error;
  return new AppError(
    'storage_unavailable',
    `${path} cannot be read: it is no SQLite database, or damaged.`,
    {
      cause: error,
    },
  );
}

const read = (connection: DatabaseSync, sql: string): OldRow[] => connection.prepare(sql).all();

const columnsOf = (connection: DatabaseSync, table: 'users' | (string & {})): string[] =>
  connection
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map(({ name }) => String(name));

function toUser(row: OldRow): OldLibraryUser {
  return {
    place: placeOf('users', row),
    username: text(row, 'username'),
    email: text(row, 'email'),
    passwordHash: text(row, 'hashed_password'),
    isActive: flag(row, 'is_active') ?? true,
    isAdmin: flag(row, 'is_admin') ?? false,
    createdAtMs: parseOldDate(text(row, 'created_at')),
    updatedAtMs: parseOldDate(text(row, 'updated_at')),
    yotoAccessToken: text(row, 'yoto_access_token'),
    yotoRefreshToken: text(row, 'yoto_refresh_token'),
    yotoTokenExpiresAt: text(row, 'yoto_token_expires_at'),
  };
}

function toFile(row: OldRow): OldLibraryFile {
  return {
    place: placeOf('audio_files', row),
    filename: text(row, 'filename'),
    sizeBytes: number(row, 'size'),
    durationMs: number(row, 'duration') * 1000,
    transcript: text(row, 'transcript'),
    transcriptStatus: parseOldTranscriptStatus(text(row, 'transcript_status')),
    transcriptError: text(row, 'transcript_error'),
    transcribedAt: text(row, 'transcribed_at'),
    createdAtMs: parseOldDate(text(row, 'created_at')),
    updatedAtMs: parseOldDate(text(row, 'updated_at')),
  };
}

const placeOf = (table: string, row: OldRow): string =>
  `${table}, row ${String(row['id'] ?? 'without an id')}`;

/** SQLite keeps what it was given, whatever the column's type says. */
function text(row: OldRow, column: string): string | undefined {
  const value = row[column];
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'object' ? new TextDecoder().decode(value) : String(value);
}

function number(row: OldRow, column: string): number {
  const value = Number(row[column] ?? 0);
  return Number.isFinite(value) && value > 0 ? value : 0;
}

function flag(row: OldRow, column: string): boolean | undefined {
  const value = text(row, column)?.toLowerCase();
  return value === undefined ? undefined : value === '1' || value === 'true';
}
