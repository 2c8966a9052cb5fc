import type { PortableRecords } from '../domain/portable-record.ts';
import type { JsonValue } from '../domain/request.ts';
import { usernameKey, type User, type UserStore } from '../domain/user.ts';

/** A user from elsewhere, whose password is hashed already. */
export interface ComingUser extends Omit<User, 'id' | 'revision'> {
  /** What another program kept with it. */
  readonly carried?: Readonly<Record<string, JsonValue>> | undefined;
}

export interface ImportUserPorts {
  readonly users: Pick<UserStore, 'findByName'>;
  readonly records: Pick<PortableRecords, 'compare' | 'save'>;
}

export interface ImportedUser {
  /** `there`: somebody has the name already, and was left alone. */
  readonly result: 'created' | 'there';
  /** Who has the name, unless it is the very same; a dry run does not look. */
  readonly there?: User | undefined;
}

export const MAX_USERS_AT_ONCE = 100;
/** As many ids in a row are not taken by chance: it is the name. */
const DRY_TRIES = 8;

/**
 * Stores users as they are, several in one write; each is there whole or not at all. Ids are their times of creation,
 * raised until they are free.
 *
 * @param coming at most 100, no two of one name
 * @returns what became of each, in their order
 */
export async function importUsers(
  { users, records }: ImportUserPorts,
  coming: readonly ComingUser[],
  isDryRun: boolean,
): Promise<ImportedUser[]> {
  const results = new Map<string, ImportedUser>();
  const taken = new Set<number>();
  let open = coming.map((user) => ({ user, id: freeId(user.createdAtMs, taken), tries: 1 }));
  while (open.length > 0) {
    const batch = open.map(({ user, id }) => ({
      kind: 'user' as const,
      value: { ...user, id: String(id), revision: 1 },
    }));
    const comparisons = await (isDryRun ? records.compare(batch) : records.save(batch));
    const again: typeof open = [];
    for (const [place, { user, id, tries }] of open.entries()) {
      const key = usernameKey(user.username);
      const isTaken = comparisons[place] === 'different';
      // Either has somebody the name, or the id. To look a user of an older program up by name writes something.
      const there = isTaken && !isDryRun ? await users.findByName(user.username) : null;
      if (comparisons[place] === 'same') results.set(key, { result: 'there' });
      else if (!isTaken) results.set(key, { result: 'created' });
      else if (there !== null) results.set(key, { result: 'there', there });
      else if (isDryRun && tries === DRY_TRIES) results.set(key, { result: 'there' });
      else again.push({ user, id: freeId(id + 1, taken), tries: tries + 1 });
    }
    open = again;
  }
  return coming.map(({ username }) => {
    const result = results.get(usernameKey(username));
    if (result === undefined) throw new Error('A user was neither created nor found.');
    return result;
  });
}

function freeId(from: number, taken: Set<number>): number {
  let id = from;
  while (taken.has(id)) id += 1;
  taken.add(id);
  return id;
}
