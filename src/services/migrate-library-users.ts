import type { Clock } from '../domain/clock.ts';
import type { OldLibrary, OldLibraryUser } from '../domain/old-library.ts';
import { isArgon2idHash } from '../domain/password-hash.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { parseUsername, usernameKey } from '../domain/user.ts';
import {
  importUsers,
  MAX_USERS_AT_ONCE,
  type ComingUser,
  type ImportedUser,
  type ImportUserPorts,
} from './import-users.ts';
import { unlessRefused, type MigrationReport } from './migrate-report.ts';
import { sealUserTokens } from './user-tokens.ts';

export interface LibraryUserPorts extends ImportUserPorts {
  readonly clock: Clock;
  /** null for a dry run, which makes none where there is none yet. */
  readonly secret: Uint8Array | null;
}

export interface MigratedCounts {
  readonly created: number;
  /** Taken over before. */
  readonly there: number;
}

/**
 * Takes over the users of the predecessor's database, with their password hashes as they are and their Yoto tokens
 * sealed. Of those whose names differ in nothing but case, the one that was changed last; the others are told, as is who
 * meets another user of the home.
 */
export async function migrateLibraryUsers(
  ports: LibraryUserPorts,
  library: Pick<OldLibrary, 'users'>,
  report: MigrationReport,
  isDryRun: boolean,
): Promise<MigratedCounts> {
  const counts = { created: 0, there: 0 };
  const newest = findNewest(library);
  let batch: ComingUser[] = [];

  async function flush(): Promise<void> {
    const coming = batch;
    batch = [];
    const results = await importUsers(ports, coming, isDryRun);
    for (const [place, user] of coming.entries()) {
      const imported = results[place];
      if (imported?.result === 'created') counts.created += 1;
      else if (isSame(user, imported)) counts.there += 1;
      else {
        report.failure(
          `user ${user.username}: there is another one of this name, created at another time and with another password; it was left as it is`,
        );
      }
      report.progress(`user ${user.username}`);
    }
  }

  for (const old of library.users()) {
    await unlessRefused(report, titleOf(old), async () => {
      const user = comingUser(ports, old);
      const other = newest.get(usernameKey(user.username));
      if (other !== undefined && other.place !== old.place) {
        report.failure(`${titleOf(old)}: ${other.place} has the same name, and was changed later`);
        return;
      }
      if (!isArgon2idHash(user.passwordHash)) {
        report.note(
          `${titleOf(old)} has a password that cannot be checked; set another: npx earshot user password ${user.username}`,
        );
      }
      batch.push(user);
    });
    if (batch.length === MAX_USERS_AT_ONCE) await flush();
  }
  if (batch.length > 0) await flush();
  return counts;
}

/** A user has changed since it was taken over, but not when it was created. A dry run does not look. */
const isSame = (user: ComingUser, imported: ImportedUser | undefined): boolean =>
  imported?.there === undefined ||
  imported.there.createdAtMs === user.createdAtMs ||
  imported.there.passwordHash === user.passwordHash;

const titleOf = ({ place, username }: OldLibraryUser): string =>
  username === undefined ? place : `user ${username} (${place})`;

/** By the key of the name. */
function findNewest({
  users,
}: Pick<OldLibrary, 'users'>): Map<string, { place: string; changedAtMs: number }> {
  const newest = new Map<string, { place: string; changedAtMs: number }>();
  for (const { place, username, updatedAtMs, createdAtMs } of users()) {
    if (username === undefined) continue;
    const key = usernameKey(username);
    const changedAtMs = updatedAtMs ?? createdAtMs ?? 0;
    const other = newest.get(key);
    if (other === undefined || other.changedAtMs < changedAtMs) newest.set(key, { place, changedAtMs });
  }
  return newest;
}

/** @throws {ValidationError} for a name that none can have */
function comingUser({ clock, secret }: LibraryUserPorts, old: OldLibraryUser): ComingUser {
  const createdAtMs = old.createdAtMs ?? old.updatedAtMs ?? clock();
  const tokens = {
    ...(old.yotoAccessToken !== undefined && { yoto_access_token: old.yotoAccessToken }),
    ...(old.yotoRefreshToken !== undefined && { yoto_refresh_token: old.yotoRefreshToken }),
    ...(old.yotoTokenExpiresAt !== undefined && { yoto_token_expires_at: old.yotoTokenExpiresAt }),
  };
  const carried = secret === null ? {} : { ...tokens, ...sealUserTokens(secret, tokens) };
  return {
    tenantId: DEFAULT_TENANT,
    username: parseUsername(old.username ?? ''),
    email: old.email,
    passwordHash: old.passwordHash ?? '',
    isAdmin: old.isAdmin,
    isActive: old.isActive,
    createdAtMs,
    updatedAtMs: old.updatedAtMs ?? createdAtMs,
    ...(Object.keys(carried).length > 0 && { carried }),
  };
}
