import type { PortableValues } from '../../domain/portable-record.ts';
import { ConditionFailed } from './dynamo-error.ts';
import { carriedFrom, compareWith, type FoundItems, type PortableItems } from './dynamo-portable-items.ts';
import type { DynamoTable, Item, ItemKey, Write } from './dynamo-table.ts';
import { absent, present } from './expression.ts';
import { text } from './item-fields.ts';
import { keyOf } from './keys.ts';
import { chunksOf } from './repetition.ts';
import { tallyWrites } from './tenant-tally.ts';
import {
  fromItem,
  isOld,
  keyOfId,
  keyOfName,
  keyOfProfile,
  oldKeysOfName,
  toAttributes,
} from './user-item.ts';

type PortableUser = PortableValues['user'];

/** Two items each, and one for each tenant: a transaction holds 100. */
const USERS_A_TRANSACTION = 33;

export interface PortableUsers extends PortableItems<'user'> {
  /** Each with its id, and their tenants' numbers. Throws ConditionFailed where a key is taken. */
  create(users: readonly PortableUser[]): Promise<void>;
  /** @returns null for what an older program has left under a name that another item has, or has by now */
  read(item: Item): Promise<PortableUser | null>;
}

export function openPortableUsers(table: DynamoTable): PortableUsers {
  const keysOfName = (username: string): ItemKey[] => [keyOfName(username), ...oldKeysOfName(username)];
  const profileOf = (username: string, found: FoundItems): Item | undefined =>
    keysOfName(username)
      .map(found)
      .find((item) => item !== undefined);

  async function removeProfile(item: Item): Promise<void> {
    const user = fromItem(item);
    try {
      await table.transact([
        { kind: 'delete', key: keyOf(item), condition: present('PK') },
        { kind: 'delete', key: keyOfId(user.id) },
        ...tallyWrites(user, null, !isOld(item)).map(withoutCondition),
      ]);
    } catch (error) {
      // It stood in the way of two: the tenant counts it once.
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }

  return {
    lookUps: ({ id, username }) => [...keysOfName(username), keyOfId(id)],

    compare(value, found) {
      const profile = profileOf(value.username, found);
      const keys = profile === undefined ? keysOfName(value.username) : [keyOf(profile)];
      return compareWith('user', value, [...keys, keyOfId(value.id)], found, toPortable);
    },

    async remove({ id, username }, found) {
      for (const key of keysOfName(username)) {
        const item = found(key);
        if (item !== undefined) await removeProfile(item);
      }
      const leading = found(keyOfId(id));
      if (leading === undefined) return;
      const other = await table.get(keyOfProfile(text(leading, 'user_pk')), { consistent: true });
      if (other !== null && fromItem(other).id === id) await removeProfile(other);
      else await table.delete(keyOfId(id));
    },

    async create(users) {
      for (const some of chunksOf(users, USERS_A_TRANSACTION)) {
        const items = some.flatMap((user): Item[] => {
          const key = keyOfName(user.username);
          return [
            { ...user.carried, ...key, ...toAttributes(user) },
            { ...keyOfId(user.id), user_pk: key.PK },
          ];
        });
        await table.transact([
          ...items.map((item): Write => ({ kind: 'put', item, condition: absent('PK') })),
          ...together(some.flatMap((user) => tallyWrites(null, user, true))),
        ]);
      }
    },

    async read(item) {
      const user = toPortable(item);
      if (!isOld(item)) return user;
      const keys = keysOfName(user.username);
      const items = await table.getMany(keys, { consistent: true, fields: ['PK', 'SK'] });
      const there = new Set(items.map((one) => text(one, 'PK')));
      return keys.find(({ PK }) => there.has(PK))?.PK === item['PK'] ? user : null;
    },
  };
}

function toPortable(item: Item): PortableUser {
  const user = fromItem(item);
  const own = new Set(['PK', 'SK', ...Object.keys(toAttributes(user))]);
  const others = Object.fromEntries(Object.entries(item).filter(([name]) => !own.has(name)));
  return { ...user, ...carriedFrom(others) };
}

/** Whoever is overwritten may be the last administrator: another comes in the same breath. */
const withoutCondition = (write: Write): Write => ({ ...write, condition: undefined }) as Write;

/** One write for each tenant: a transaction has no item twice. */
function together(tallies: readonly Write[]): Write[] {
  const byTenant = new Map<string, Write>();
  for (const write of tallies) {
    if (write.kind !== 'update') continue;
    const { key, change } = write;
    const before = byTenant.get(key.SK);
    const add = { ...(before?.kind === 'update' ? before.change.add : {}) };
    for (const [name, value] of Object.entries(change.add ?? {})) add[name] = (add[name] ?? 0) + value;
    byTenant.set(key.SK, { kind: 'update', key, change: { add } });
  }
  return [...byTenant.values()];
}
