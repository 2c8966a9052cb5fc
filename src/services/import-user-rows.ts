import { AppError, ValidationError } from '../domain/app-error.ts';
import type { Clock } from '../domain/clock.ts';
import { mapBounded } from '../domain/map-bounded.ts';
import { isArgon2idHash } from '../domain/password-hash.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { parsePassword, parseUsername, usernameKey, type PasswordHasher } from '../domain/user.ts';
import { importUsers, MAX_USERS_AT_ONCE, type ImportUserPorts } from './import-users.ts';
import { unlessRefused, type MigrationReport } from './migrate-report.ts';

/** A user as a row of a list from elsewhere; empty where the row says nothing. */
export interface UserRow {
  /** For a person: where the row ends. */
  readonly line: number;
  readonly username: string;
  readonly email: string;
  /** argon2id as a PHC string; or else: */
  readonly passwordHash: string;
  readonly password: string;
  /** `true`, `false`, `1`, `0`, `yes`, `no`; empty for no. */
  readonly isAdmin: string;
}

export interface UserRowPorts extends ImportUserPorts {
  readonly clock: Clock;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
}

export interface ImportedRows {
  readonly created: number;
  /** Whose name somebody has already. */
  readonly there: number;
  /** Of those created, how many are there when they are looked for again. */
  readonly verified: number;
}

/** Each takes a core and 19 MiB. */
const HASHES_AT_ONCE = 4;
/** The names of a list are held, to tell what is in it twice. */
const MAX_ROWS = 1_000_000;
const MAX_EMAIL_LENGTH = 320;

type CheckedRow = Omit<UserRow, 'isAdmin'> & { readonly isAdmin: boolean };

/**
 * Adds users to the tenant `default`, in batches, each of them there whole or not at all. Who has a name already is left
 * alone, so that it can be run again. A row that is wrong is told with its line, and stops none of the others; no
 * password is told.
 */
export async function importUserRows(
  ports: UserRowPorts,
  rows: AsyncIterable<UserRow>,
  report: MigrationReport,
  isDryRun: boolean,
): Promise<ImportedRows> {
  const counts = { created: 0, there: 0, verified: 0 };
  const lines = new Map<string, number>();
  let batch: CheckedRow[] = [];

  async function flush(): Promise<void> {
    const some = batch;
    batch = [];
    const results = await importBatch(ports, some, isDryRun);
    for (const [place, { line, username }] of some.entries()) {
      if (results.created[place] === true) counts.created += 1;
      else {
        counts.there += 1;
        report.note(`line ${line}: there is a user ${username} already, who was left alone`);
      }
      report.progress(username);
    }
    counts.verified += results.verified;
  }

  for await (const row of rows) {
    await unlessRefused(report, `line ${row.line}`, async () => {
      const checked = check(row);
      const key = usernameKey(checked.username);
      const before = lines.get(key);
      if (before !== undefined) throw new ValidationError('username', `Line ${before} has the same name.`);
      if (lines.size === MAX_ROWS) throw new AppError('too_large', `A list has at most ${MAX_ROWS} users.`);
      lines.set(key, row.line);
      batch.push(checked);
    });
    if (batch.length === MAX_USERS_AT_ONCE) await flush();
  }
  if (batch.length > 0) await flush();
  return counts;
}

async function importBatch(
  ports: UserRowPorts,
  rows: readonly CheckedRow[],
  isDryRun: boolean,
): Promise<{ readonly created: readonly boolean[]; readonly verified: number }> {
  const nowMs = ports.clock();
  const toUser = ({ username, email, passwordHash, isAdmin }: CheckedRow) => ({
    tenantId: DEFAULT_TENANT,
    username,
    email: email === '' ? undefined : email,
    passwordHash,
    isAdmin,
    isActive: true,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  });
  // Looked for before anything is hashed: that takes the most of a second run.
  const before = await importUsers(ports, rows.map(toUser), true);
  const isFree = before.map(({ result }) => result === 'created');
  if (isDryRun) return { created: isFree, verified: 0 };
  const free = rows.filter((_, place) => isFree[place]);
  const hashed = await mapBounded(free, HASHES_AT_ONCE, async (row) =>
    toUser(row.password === '' ? row : { ...row, passwordHash: await ports.hasher.hash(row.password) }),
  );
  const results = await importUsers(ports, hashed, false);
  const again = await importUsers(ports, hashed, true);
  const created = new Set(free.filter((_, place) => results[place]?.result === 'created'));
  return {
    created: rows.map((row) => created.has(row)),
    verified: free.filter((row, place) => created.has(row) && again[place]?.result === 'there').length,
  };
}

/** @throws {ValidationError} without a password in its message */
function check(row: UserRow): CheckedRow {
  const username = parseUsername(row.username.trim());
  const email = row.email.trim();
  if (email !== '' && (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > MAX_EMAIL_LENGTH)) {
    throw new ValidationError('email', 'This is no e-mail address.');
  }
  const passwordHash = row.passwordHash.trim();
  if ((passwordHash === '') === (row.password === '')) {
    throw new ValidationError('password', 'A user has either a password or a password_hash.');
  }
  if (passwordHash !== '' && !isArgon2idHash(passwordHash)) {
    throw new ValidationError('password_hash', 'The password_hash is not one of argon2id as a PHC string.');
  }
  if (row.password !== '') parsePassword(row.password);
  return { ...row, username, email, passwordHash, isAdmin: parseFlag(row.isAdmin) };
}

function parseFlag(value: string): boolean {
  switch (value.trim().toLowerCase()) {
    case 'true':
    case '1':
    case 'yes':
      return true;
    case '':
    case 'false':
    case '0':
    case 'no':
      return false;
    default:
      throw new ValidationError('is_admin', 'is_admin is true or false.');
  }
}
