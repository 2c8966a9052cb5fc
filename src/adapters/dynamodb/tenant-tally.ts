import type { User } from '../../domain/user.ts';
import type { DynamoTable, Write } from './dynamo-table.ts';
import { compare } from './expression.ts';
import { number, text } from './item-fields.ts';
import { itemKey } from './keys.ts';

// `TENANTS` / `{tenant}`: `user_count`, `active_admin_count`. Each transaction that makes or deletes a user, or changes
// whether one is an active administrator, changes the tenant's item as well.
//
// So the number of users is known without reading them, the tenants are found by a Query, and two administrators who
// remove each other at once meet on one item: a condition on another administrator's item would do as well, but one
// would first have to be found, by an index that may be late or by reading all users.

const PARTITION = 'TENANTS';

/** A user, as far as tenants count them; null for none, before a creation and after a deletion. */
export type Counted = Pick<User, 'tenantId' | 'isAdmin' | 'isActive'> | null;

const adminsOf = (user: Counted): number => (user !== null && user.isAdmin && user.isActive ? 1 : 0);

/**
 * @param before as it is
 * @param isCounted false for a user whom an older program made
 * @returns nothing where no tenant's numbers change. The only condition is that the tenant keeps an administrator.
 */
export function tallyWrites(before: Counted, after: Counted, isCounted: boolean): Write[] {
  const losesAdmin = adminsOf(before) > 0 && (adminsOf(after) === 0 || before?.tenantId !== after?.tenantId);
  const counted = isCounted ? before : null;
  const tenants = new Set([before, after].flatMap((user) => user?.tenantId ?? []));
  return [...tenants].flatMap((tenantId) => {
    const own = (user: Counted): Counted => (user?.tenantId === tenantId ? user : null);
    const [was, is] = [own(counted), own(after)];
    const users = (is === null ? 0 : 1) - (was === null ? 0 : 1);
    const admins = adminsOf(is) - adminsOf(was);
    const isGuard = losesAdmin && before?.tenantId === tenantId;
    // An administrator who is not counted leaves at least one who is.
    const guard = compare('active_admin_count', '>', adminsOf(was));
    if (users === 0 && admins === 0 && !isGuard) return [];
    return [
      {
        kind: 'update',
        key: itemKey(PARTITION, tenantId),
        change: { add: { user_count: users, active_admin_count: admins } },
        condition: isGuard ? guard : undefined,
      },
    ];
  });
}

/** One Query for each megabyte of tenants: some ten thousand. */
export async function countUsers(table: DynamoTable): Promise<number> {
  let users = 0;
  for await (const item of table.queryAll({ partition: PARTITION, consistent: true })) {
    users += number(item, 'user_count');
  }
  return users;
}

/** The next by name that has a user. */
export async function findNextTenant(table: DynamoTable, afterId: string | null): Promise<string | null> {
  const sort = afterId === null ? undefined : compare('SK', '>', afterId);
  const filter = compare('user_count', '>', 0);
  for await (const item of table.queryAll({ partition: PARTITION, sort, filter, consistent: true })) {
    return text(item, 'SK');
  }
  return null;
}
