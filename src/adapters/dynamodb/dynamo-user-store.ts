import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../domain/app-error.ts';
import { usernameKey, type User, type UserStore } from '../../domain/user.ts';
import { ConditionFailed } from './dynamo-error.ts';
import type { DynamoTable, Item, Write } from './dynamo-table.ts';
import { absent, all, any, equal } from './expression.ts';
import { readPage } from './item-page.ts';
import { number, text } from './item-fields.ts';
import { fitsKey } from './keys.ts';
import { countUsers, findNextTenant, tallyWrites } from './tenant-tally.ts';
import {
  fromItem,
  isOld,
  keyOfId,
  keyOfName,
  keyOfProfile,
  oldKeysOfName,
  toAttributes,
  unchanged,
  usersOf,
  type SealAttributes,
} from './user-item.ts';

/** Of a user whom others change at the same moment, again and again. */
const MAX_TRIES = 5;
/** Ids are raised by one, so many times; then at random, out of twice as many each time. */
const SINGLE_STEPS = 16;

export interface DynamoUserStoreOptions {
  /** From 0 to 1. */
  readonly random?: () => number;
  /** Of what older programs kept with a user, in the clear: the attributes that are to take its place at the next save. */
  readonly seal?: SealAttributes;
}

/**
 * `USER#{lower-case name}` / `PROFILE`, by tenant and name in GSI1; `USERID#{id}` / `USER`, which holds its key as
 * `user_pk`; the tenant's numbers. They change together.
 *
 * What older programs wrote is found by name, gets its `USERID#` item then (whoever logs in is next looked for by id),
 * and moves to its proper key with all its attributes when it is saved.
 */
export function openDynamoUserStore(
  table: DynamoTable,
  { random = Math.random, seal = async () => ({}) }: DynamoUserStoreOptions = {},
): UserStore {
  /** One request, also for a name that nobody has. */
  async function findItem(username: string): Promise<Item | null> {
    const keys = [keyOfName(username), ...oldKeysOfName(username)];
    if (!fitsKey(...keys.map(({ PK }) => PK))) return null;
    const found = await table.getMany(keys, { consistent: true });
    const byKey = new Map(found.map((item) => [item['PK'], item]));
    return keys.map(({ PK }) => byKey.get(PK)).find((item) => item !== undefined) ?? null;
  }

  async function getItem(id: string): Promise<Item | null> {
    if (!fitsKey(id)) return null;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const leading = await table.get(keyOfId(id), { consistent: true });
      if (leading === null) return null;
      const item = await table.get(keyOfProfile(text(leading, 'user_pk')), { consistent: true });
      // Between the two it may have been renamed, or deleted and its name taken by another.
      if (item !== null && fromItem(item).id === id) return item;
    }
    return null;
  }

  /** Lets the user of an older program be found by id. @returns null when the item was changed meanwhile */
  async function withId(item: Item): Promise<Item | null> {
    const user_pk = text(item, 'PK');
    const current = number(item, 'user_id');
    try {
      const leading = { ...keyOfId(String(current)), user_pk };
      await table.put(leading, any(absent('PK'), equal('user_pk', user_pk)));
      return item;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
    // Its migration script gave one id to two users who were made in the same millisecond.
    try {
      const user_id = await underFreeId(current + 1, (id) => [
        { kind: 'put', item: { ...keyOfId(String(id)), user_pk }, condition: absent('PK') },
        {
          kind: 'update',
          key: keyOfProfile(user_pk),
          change: { set: { user_id: id } },
          condition: all(equal('user_id', current), unchanged(item)),
        },
      ]);
      return { ...item, user_id };
    } catch (error) {
      if (error instanceof ConditionFailed) return null;
      throw error;
    }
  }

  /** @param writesFor a transaction whose first write fails when the id is taken @throws ConditionFailed for others */
  async function underFreeId(from: number, writesFor: (id: number) => Write[]): Promise<number> {
    for (let tries = 0; ; tries += 1) {
      const raised = Math.floor(random() * 2 ** Math.max(0, tries - SINGLE_STEPS) * SINGLE_STEPS);
      const id = from + Math.min(tries, SINGLE_STEPS) + (tries > SINGLE_STEPS ? raised : 0);
      try {
        await table.transact(writesFor(id));
        return id;
      } catch (error) {
        if (!(error instanceof ConditionFailed) || error.places.some((place) => place > 0)) throw error;
      }
    }
  }

  /** What older programs left under a name that goes must not come back to life. */
  const forgetOld = (username: string, besides: readonly string[]): Write[] =>
    oldKeysOfName(username)
      .filter(({ PK }) => !besides.includes(PK))
      .map((key) => ({ kind: 'delete', key }));

  /** To another key, which is that of another name or the proper one; or in its place, with the tenant's numbers. */
  async function move(current: Item, saved: User): Promise<void> {
    const before = fromItem(current);
    const from = text(current, 'PK');
    const to = keyOfName(saved.username);
    const item = { ...current, ...(await seal(current)), ...toAttributes(saved), ...to };
    const condition = unchanged(current);
    const writes: Write[] =
      from === to.PK
        ? [{ kind: 'put', item, condition }]
        : [
            { kind: 'delete', key: keyOfProfile(from), condition },
            { kind: 'put', item, condition: absent('PK') },
          ];
    writes.push(
      { kind: 'put', item: { ...keyOfId(saved.id), user_pk: to.PK } },
      ...tallyWrites(before, saved, !isOld(current)),
      ...forgetOld(before.username, [from, to.PK]),
    );
    try {
      await table.transact(writes);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (error.places.includes(0)) throw changed();
      throw from !== to.PK && error.places.includes(1) ? taken() : lastAdmin();
    }
  }

  return {
    async findByName(username) {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const found = await findItem(username);
        if (found === null) return null;
        const item = isOld(found) ? await withId(found) : found;
        if (item !== null) return fromItem(item);
      }
      throw changed();
    },

    async findById(id) {
      const item = await getItem(id);
      return item === null ? null : fromItem(item);
    },

    list: (tenantId, page) =>
      readPage(table, { index: 'GSI1', partition: usersOf(tenantId) }, page, fromItem),

    count: () => countUsers(table),

    findNextTenant: (afterId) => findNextTenant(table, afterId),

    async create(user) {
      // The keys of older programs are read, not guarded: those do not run any more.
      if ((await findItem(user.username)) !== null) throw taken();
      const createdAs = (id: number): User => ({ ...user, id: String(id), revision: 1 });
      const key = keyOfName(user.username);
      try {
        const id = await underFreeId(user.createdAtMs, (free) => [
          { kind: 'put', item: { ...keyOfId(String(free)), user_pk: key.PK }, condition: absent('PK') },
          {
            kind: 'put',
            item: { ...key, ...toAttributes(createdAs(free)) },
            condition: absent('PK'),
          },
          ...tallyWrites(null, user, true),
        ]);
        return createdAs(id);
      } catch (error) {
        if (error instanceof ConditionFailed) throw taken();
        throw error;
      }
    },

    async save(user, ifRevision) {
      const current = await getItem(user.id);
      if (current === null) throw new AppError('not_found', 'There is no such user.');
      const before = fromItem(current);
      if (before.revision !== ifRevision) throw changed();
      const saved: User = { ...user, revision: ifRevision + 1 };
      const isRenamed = usernameKey(before.username) !== usernameKey(user.username);
      const isCounted = !isOld(current);
      if (isRenamed && (await findItem(user.username)) !== null) throw taken();
      if (isRenamed || !isCounted || tallyWrites(before, saved, true).length > 0) {
        await move(current, saved);
        return saved;
      }
      // All that concerns no other item, such as a password.
      const key = keyOfProfile(text(current, 'PK'));
      const set = { ...(await seal(current)), ...toAttributes(saved) };
      try {
        await table.update(key, { set }, unchanged(current));
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        // The client sends a write again whose answer was lost: then it was this one that changed the user.
        const there = await table.get(key, { consistent: true });
        if (there === null || !isDeepStrictEqual({ ...there, ...set }, there)) throw changed();
      }
      return saved;
    },

    async delete(id) {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const current = await getItem(id);
        if (current === null) return;
        const user = fromItem(current);
        const pk = text(current, 'PK');
        try {
          await table.transact([
            { kind: 'delete', key: keyOfProfile(pk), condition: unchanged(current) },
            { kind: 'delete', key: keyOfId(id) },
            ...tallyWrites(user, null, !isOld(current)),
            ...forgetOld(user.username, [pk]),
          ]);
          return;
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
          if (!error.places.includes(0)) throw lastAdmin();
        }
      }
      throw changed();
    },
  };
}

const taken = (): AppError => new AppError('already_exists', 'There is already a user of this name.');
const changed = (): AppError => new AppError('conflict', 'The user was changed in the meantime.');
const lastAdmin = (): AppError => new AppError('conflict', 'This is the last active administrator.');
