import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../domain/app-error.ts';
import { FIRST_TABLES } from './migrations/0001-first-tables.ts';
import { FILE_DETAILS } from './migrations/0002-file-details.ts';
import { indexSearchTerms } from './migrations/0003-search-terms.ts';
import { EXPIRED_CREDENTIALS } from './migrations/0004-expired-credentials.ts';
import { CARRIED_ATTRIBUTES } from './migrations/0005-carried-attributes.ts';
import { FAIR_REQUESTS } from './migrations/0006-fair-requests.ts';
import { CONNECTIONS } from './migrations/0007-connections.ts';
import { keepTranscripts } from './migrations/0008-transcripts.ts';

/** In order; the number of a migration is its place, from 1. One that was released never changes. */
const MIGRATIONS: readonly (string | ((connection: DatabaseSync) => void))[] = [
  FIRST_TABLES,
  FILE_DETAILS,
  indexSearchTerms,
  EXPIRED_CREDENTIALS,
  CARRIED_ATTRIBUTES,
  FAIR_REQUESTS,
  CONNECTIONS,
  keepTranscripts,
];

/** `Ears`, so that a database of another program is told from ours. */
const APPLICATION_ID = 0x45617273;

/**
 * Brings the tables to the newest version, in one transaction: a crash leaves the old version.
 * @throws storage_unavailable for a database of a newer version or of another program
 */
export function migrate(connection: DatabaseSync): void {
  // The lock first, then the question: two processes that start at once do not both migrate.
  connection.exec('BEGIN IMMEDIATE');
  try {
    const version = readVersion(connection);
    if (version < MIGRATIONS.length) {
      for (const migration of MIGRATIONS.slice(version)) {
        if (typeof migration === 'string') connection.exec(migration);
        else migration(connection);
      }
      connection.exec(
        `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`,
      );
    }
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

function readVersion(connection: DatabaseSync): number {
  const version = readNumber(connection, 'SELECT user_version FROM pragma_user_version');
  const applicationId = readNumber(connection, 'SELECT application_id FROM pragma_application_id');
  const tables = readNumber(connection, 'SELECT count(*) FROM sqlite_schema');
  if (applicationId !== APPLICATION_ID && (version > 0 || tables > 0)) {
    throw new AppError('storage_unavailable', "The database holds another program's tables.");
  }
  if (version > MIGRATIONS.length) {
    throw new AppError(
      'storage_unavailable',
      `The database is of version ${version}; this Earshot knows versions up to ${MIGRATIONS.length}. Use a newer Earshot.`,
    );
  }
  return version;
}

function readNumber(connection: DatabaseSync, sql: string): number {
  return Number(Object.values(connection.prepare(sql).get() ?? {})[0]);
}
