import { AppError } from '../../domain/app-error.ts';

/** SQLite's primary result codes that a store may meet; https://sqlite.org/rescode.html */
const PRIMARY = {
  PERM: 3,
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  PROTOCOL: 15,
  NOTADB: 26,
} as const;

/** Extended codes for a key that is taken. Other constraints are only broken by a mistake in this program. */
const CONSTRAINT_PRIMARYKEY = 1555;
const CONSTRAINT_UNIQUE = 2067;

const UNAVAILABLE: Readonly<Record<number, string>> = {
  [PRIMARY.PERM]: 'The database may not be used by this program.',
  [PRIMARY.BUSY]: 'The database is busy.',
  [PRIMARY.LOCKED]: 'The database is busy.',
  [PRIMARY.READONLY]: 'The database cannot be written.',
  [PRIMARY.IOERR]: 'The database cannot be read or written.',
  [PRIMARY.CORRUPT]: 'The database is damaged.',
  [PRIMARY.CANTOPEN]: 'The database cannot be opened.',
  [PRIMARY.PROTOCOL]: 'The database is busy.',
  [PRIMARY.NOTADB]: 'The file is not a database.',
};

/**
 * What a store throws for an error of `node:sqlite`: already_exists with `takenMessage` for a key that is taken,
 * insufficient_storage, storage_unavailable; anything else as it is.
 */
export function translateSqliteError(error: unknown, takenMessage = 'This already exists.'): unknown {
  if (!(error instanceof Error) || error instanceof AppError || !('code' in error)) return error;
  // The code is also that of a parameter which the statement does not know: a mistake of this program.
  if (error.code === 'ERR_INVALID_STATE' && /not open|finalized/.test(error.message)) {
    return new AppError('storage_unavailable', 'The database is closed.', { cause: error });
  }
  if (error.code !== 'ERR_SQLITE_ERROR' || !('errcode' in error) || typeof error.errcode !== 'number') {
    return error;
  }
  const { errcode } = error;
  if (errcode === CONSTRAINT_UNIQUE || errcode === CONSTRAINT_PRIMARYKEY) {
    return new AppError('already_exists', takenMessage, { cause: error });
  }
  const primary = errcode & 0xff;
  if (primary === PRIMARY.FULL) {
    return new AppError('insufficient_storage', 'There is no space left for the database.', { cause: error });
  }
  const message = UNAVAILABLE[primary];
  return message === undefined ? error : new AppError('storage_unavailable', message, { cause: error });
}
