import { DEFAULT_TENANT } from '../../domain/tenant.ts';
import { usernameKey, type User } from '../../domain/user.ts';
import type { Item, ItemKey } from './dynamo-table.ts';
import { all, absent, equal, present, type Condition } from './expression.ts';
import { isoDate, number, optionalDateMs, optionalNumber, optionalText, text } from './item-fields.ts';
import { itemKey, ofTenant } from './keys.ts';

const SORT = 'PROFILE';

/** Names are unique over all tenants, and so their keys carry none. */
export const keyOfName = (username: string): ItemKey => itemKey(`USER#${usernameKey(username)}`, SORT);

export const keyOfProfile = (pk: string): ItemKey => itemKey(pk, SORT);

export const keyOfId = (id: string): ItemKey => itemKey(`USERID#${id}`, 'USER');

/** Of an item, attributes that are to take the place of what stands there in the clear. */
export type SealAttributes = (item: Item) => Promise<Item>;

/** Of the users of a tenant, in GSI1. */
export const usersOf = (tenantId: string): string => ofTenant(tenantId, 'USERS');

/**
 * Where older programs may have put the user of this name: `user#anna` did the service, `USER#Anna`, as it was typed
 * once, its migration script. Another spelling than the typed one and the common one cannot be guessed: such a user is
 * found as it is spelled.
 */
export function oldKeysOfName(username: string): ItemKey[] {
  const typed = username.normalize('NFC');
  const key = usernameKey(username);
  const [first = ''] = key;
  const spellings = [`user#${key}`, `USER#${typed}`, `USER#${first.toUpperCase()}${key.slice(first.length)}`];
  const current = keyOfName(username).PK;
  return [...new Set(spellings)].filter((pk) => pk !== current).map(keyOfProfile);
}

/** Only this program writes revisions: what has none is an older program's, whose tenant has not counted it yet. */
export const isOld = (item: Item): boolean => optionalNumber(item, 'revision') === undefined;

/** That the item is as it was read. */
export const unchanged = (item: Item): Condition =>
  isOld(item) ? all(present('PK'), absent('revision')) : equal('revision', number(item, 'revision'));

/** All that this program knows of a user; an item may hold more, such as the tokens of a Yoto account, and keeps it. */
export function toAttributes(user: User): Item {
  return {
    GSI1PK: usersOf(user.tenantId),
    GSI1SK: usernameKey(user.username),
    user_id: Number(user.id),
    tenant_id: user.tenantId,
    username: user.username,
    email: user.email ?? null,
    hashed_password: user.passwordHash,
    is_admin: user.isAdmin,
    is_active: user.isActive,
    revision: user.revision,
    created_at: isoDate(user.createdAtMs),
    updated_at: isoDate(user.updatedAtMs),
  };
}

/** Reads items of older programs too: without a tenant, a revision (0), or dates. */
export function fromItem(item: Item): User {
  const id = number(item, 'user_id');
  const createdAtMs = optionalDateMs(item, 'created_at') ?? id;
  return {
    id: String(id),
    tenantId: optionalText(item, 'tenant_id') ?? DEFAULT_TENANT,
    username: text(item, 'username'),
    email: optionalText(item, 'email'),
    passwordHash: text(item, 'hashed_password'),
    isAdmin: item['is_admin'] === true,
    isActive: item['is_active'] === true,
    revision: optionalNumber(item, 'revision') ?? 0,
    createdAtMs,
    updatedAtMs: optionalDateMs(item, 'updated_at') ?? createdAtMs,
  };
}
