import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { migrate } from './migrate.ts';
import { translateSqliteError } from './sqlite-error.ts';

export type Parameters = Readonly<Record<string, SQLInputValue>>;

/** A row of a result; `row.ts` reads it. Cells and not named fields: those take SQLite's binding twice the time. */
export interface Row {
  readonly cells: readonly SQLOutputValue[];
  /** Where each column is. */
  readonly places: ReadonlyMap<string, number>;
}

/** A prepared statement whose errors are translated. Parameters are named `:like_this`. */
export interface Statement {
  get(parameters?: Parameters): Row | undefined;
  all(parameters?: Parameters): Row[];
  /** @returns how many rows it changed */
  run(parameters?: Parameters): number;
}

/** One SQLite file, or one database in memory. Other processes may have the same file open. */
export interface Database {
  /** @param takenMessage what already_exists says when the statement meets a key that is taken */
  prepare(sql: string, takenMessage?: string): Statement;
  /** Runs `work` as the only writer of all processes; what it wrote is there whole, or not at all when it throws. */
  transaction<Result>(work: () => Result): Result;
  /** @throws storage_unavailable when the database does not answer */
  check(): void;
  /** Moves what was written into the main file and lets go of it. Idempotent. */
  close(): void;
}

export interface DatabaseOptions {
  /** How long a statement waits for another process before storage_unavailable; this process waits with it. */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens the database at `path` (or `:memory:`), making it if need be, and brings its tables up to date.
 * @throws storage_unavailable when it cannot be opened, is another program's, or is of a newer Earshot
 */
export function openDatabase(path: string, { busyTimeoutMs = 5000 }: DatabaseOptions = {}): Database {
  const connection = translated(() => {
    if (path !== ':memory:') makePrivateFile(path);
    return new DatabaseSync(path, { timeout: busyTimeoutMs });
  });
  try {
    translated(() => {
      // FULL syncs at every commit. NORMAL would also keep the database whole, but may lose the last commits with
      // the power; and on the strength of a commit, objects that no record names any more are deleted.
      connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
      migrate(connection);
    });
  } catch (error) {
    connection.close();
    throw error;
  }
  return wrap(connection);
}

function wrap(connection: DatabaseSync): Database {
  const ping = connection.prepare('SELECT 1 FROM sqlite_schema LIMIT 1');

  return {
    prepare(sql, takenMessage) {
      const statement = translated(() => connection.prepare(sql));
      statement.setReturnArrays(true);
      const places = new Map(statement.columns().map(({ name }, place) => [name, place]));
      // The types of node:sqlite know rows with named fields only.
      const toRow = (cells: unknown): Row => ({ cells: cells as SQLOutputValue[], places });
      return {
        get: (parameters = {}) => {
          const cells = translated(() => statement.get(parameters), takenMessage);
          return cells === undefined ? undefined : toRow(cells);
        },
        all: (parameters = {}) => translated(() => statement.all(parameters), takenMessage).map(toRow),
        run: (parameters = {}) => translated(() => Number(statement.run(parameters).changes), takenMessage),
      };
    },

    transaction(work) {
      return translated(() => {
        connection.exec('BEGIN IMMEDIATE');
        try {
          const result = work();
          connection.exec('COMMIT');
          return result;
        } catch (error) {
          // A full disk makes SQLite roll back by itself.
          if (connection.isTransaction) connection.exec('ROLLBACK');
          throw error;
        }
      });
    },

    check() {
      translated(() => ping.get());
    },

    close() {
      if (!connection.isOpen) return;
      try {
        translated(() => connection.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
      } finally {
        connection.close();
      }
    },
  };
}

function translated<Result>(work: () => Result, takenMessage?: string): Result {
  try {
    return work();
  } catch (error) {
    throw translateSqliteError(error, takenMessage);
  }
}

/** The database holds password hashes and secrets: others on this machine may not read it. SQLite gives its `-wal`
 * and `-shm` files the same permissions. */
function makePrivateFile(path: string): void {
  try {
    // Only when it is absent: to open and close a database in use would drop this process's locks on it.
    closeSync(openSync(path, 'wx', 0o600));
  } catch {
    // It is there already, or cannot be made, which SQLite is about to say with a reason.
  }
}
