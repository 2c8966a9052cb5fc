import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbKind, makeTestTable } from '../../../test/servers/dynamodb-client.ts';
import { newUser, START_MS } from '../../../test/sample-records.ts';
import type { User, UserStore } from '../../domain/user.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { openDynamoUserStore } from './dynamo-user-store.ts';

const ROUNDS = 30;
const HASH = '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA';
const TOKENS = {
  yoto_access_token: 'access',
  yoto_refresh_token: 'refresh',
  yoto_token_expires_at: '2024-05-06T07:08:09+00:00',
};

let table: DynamoTable;
let store: UserStore;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ table, close } = await makeTestTable());
  store = openDynamoUserStore(table);
});
afterAll(() => close());

let ids = 1_700_000_000_000;

/** An item as older programs wrote it. */
async function putOld(pk: string, username: string, change: Item = {}): Promise<string> {
  const id = (ids += 1000);
  await table.put({
    PK: pk,
    SK: 'PROFILE',
    user_id: id,
    username,
    email: null,
    hashed_password: HASH,
    is_active: true,
    is_admin: false,
    created_at: '2024-01-02T03:04:05.678901+00:00',
    updated_at: '2024-01-03T00:00:00+00:00',
    ...change,
  });
  return String(id);
}

/** A user of another millisecond than any other here: they race for names, not for ids. */
const someone = (username: string, change: Partial<User> = {}) =>
  newUser(username, { createdAtMs: (ids += 1000), ...change });

const itemAt = (PK: string) => table.get({ PK, SK: 'PROFILE' }, { consistent: true });

const codesOf = (outcomes: readonly PromiseSettledResult<unknown>[]): string[] =>
  outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? 'done' : (outcome.reason as { code: string }).code,
  );

// They all write transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('users in DynamoDB', () => {
  describe('whom an older program wrote', () => {
    it.each([
      ['user#anna', 'Anna', ['anna', 'Anna', 'ANNA']],
      ['USER#Ben', 'Ben', ['Ben', 'ben', 'BEN']],
      ['USER#clara', 'clara', ['clara', 'Clara']],
      ['USER#dOrA', 'dOrA', ['dOrA']],
      ['USER#Émile', 'Émile', ['émile', 'E\u0301mile']],
    ])('are found at %s by name and then by id', async (pk, username, spellings) => {
      const id = await putOld(pk, username, { email: 'a@example.org', is_admin: true });
      const user: User = {
        id,
        tenantId: 'default',
        username,
        email: 'a@example.org',
        passwordHash: HASH,
        isAdmin: true,
        isActive: true,
        revision: 0,
        createdAtMs: Date.UTC(2024, 0, 2, 3, 4, 5, 678),
        updatedAtMs: Date.UTC(2024, 0, 3),
      };
      for (const spelling of spellings) expect(await store.findByName(spelling)).toEqual(user);
      expect(await store.findById(id)).toEqual(user);
    });

    it('may lack an e-mail, dates and what they say', async () => {
      const id = await putOld('user#bare', 'bare', {
        email: undefined,
        created_at: undefined,
        updated_at: undefined,
      });
      expect(await store.findByName('bare')).toMatchObject({
        email: undefined,
        createdAtMs: Number(id),
        updatedAtMs: Number(id),
      });
      await putOld('user#naive', 'naive', { created_at: '2024-01-02T03:04:05', updated_at: null });
      expect(await store.findByName('naive')).toMatchObject({
        createdAtMs: Date.UTC(2024, 0, 2, 3, 4, 5),
        updatedAtMs: Date.UTC(2024, 0, 2, 3, 4, 5),
      });
    });

    it.each([
      ['user#eva', 'Eva'],
      ['USER#Finn', 'Finn'],
      ['USER#gina', 'gina'],
    ])('move from %s to their key when they are saved, with their tokens', async (pk, username) => {
      const id = await putOld(pk, username, TOKENS);
      const found = await store.findByName(username);
      expect(JSON.stringify(found)).not.toMatch(/yoto|access|refresh/);
      const count = await store.count();
      const saved = await store.save({ ...(found as User), email: 'new@example.org' }, 0);
      const key = `USER#${username.toLowerCase()}`;
      if (pk !== key) expect(await itemAt(pk)).toBeNull();
      expect(await itemAt(key)).toMatchObject({
        ...TOKENS,
        user_id: Number(id),
        tenant_id: 'default',
        username,
        hashed_password: HASH,
        revision: 1,
        GSI1PK: 'USERS',
        GSI1SK: username.toLowerCase(),
        created_at: '2024-01-02T03:04:05.678+00:00',
      });
      expect(await store.findById(id)).toEqual(saved);
      expect(await store.findByName(username)).toEqual(saved);
      expect(await store.count()).toBe(count + 1);
      await store.save({ ...saved, passwordHash: 'other' }, 1);
      await store.save({ ...saved, username: `${username}2`, revision: 2 }, 2);
      expect(await itemAt(`${key}2`)).toMatchObject({ ...TOKENS, revision: 3, hashed_password: HASH });
    });

    it('have what is to be sealed sealed by the first save, of whatever kind', async () => {
      const sealing = openDynamoUserStore(table, {
        seal: async (item): Promise<Item> =>
          item['yoto_access_token'] === 'access' ? { yoto_access_token: 'sealed' } : {},
      });
      await putOld('user#kai', 'Kai', TOKENS);
      const kai = await sealing.findByName('kai');
      if (kai === null) throw new Error('He is not there.');
      await store.save({ ...kai, email: 'open@example.org' }, 0);
      expect(await itemAt('USER#kai')).toMatchObject(TOKENS);
      const saved = { ...TOKENS, yoto_access_token: 'sealed' };
      await sealing.save({ ...kai, revision: 1, passwordHash: HASH }, 1);
      expect(await itemAt('USER#kai')).toMatchObject(saved);
      await putOld('user#lia', 'Lia', TOKENS);
      const lia = await sealing.findByName('lia');
      if (lia === null) throw new Error('She is not there.');
      await sealing.save(lia, 0);
      expect(await itemAt('USER#lia')).toMatchObject(saved);
      await sealing.delete(kai.id);
      await sealing.delete(lia.id);
    });

    it('keep their names to themselves', async () => {
      await putOld('user#hugo', 'Hugo');
      await putOld('USER#Ida', 'Ida');
      for (const username of ['hugo', 'HUGO', 'Ida', 'ida']) {
        await expect(store.create(newUser(username))).rejects.toMatchObject({ code: 'already_exists' });
      }
      const jana = await store.create(newUser('jana'));
      const renamed = store.save({ ...jana, username: 'HUGO' }, 1);
      await expect(renamed).rejects.toMatchObject({ code: 'already_exists' });
    });

    it('do not come back from another of their items when they are deleted or renamed', async () => {
      for (const end of [
        (user: User) => store.delete(user.id),
        (user: User) => store.save({ ...user, username: 'Other' }, 0),
      ]) {
        const id = await putOld('user#karl', 'Karl');
        await putOld('USER#Karl', 'Karl', { user_id: Number(id), hashed_password: 'older' });
        const karl = await store.findByName('karl');
        expect(karl).toMatchObject({ id, passwordHash: HASH });
        await end(karl as User);
        for (const spelling of ['karl', 'Karl']) expect(await store.findByName(spelling)).toBeNull();
      }
    });

    it('get ids of their own where two were made in one millisecond', async () => {
      const id = await putOld('user#lea', 'lea');
      const names = ['max', 'nora', 'otto'];
      for (const name of names) await putOld(`user#${name}`, name, { user_id: Number(id) });
      expect(await store.findByName('lea')).toMatchObject({ id });
      const found = await Promise.all([...names, ...names].map((name) => store.findByName(name)));
      expect(found.map((user) => user?.username)).toEqual([...names, ...names]);
      expect(new Set(found.map((user) => user?.id)).size).toBe(3);
      for (const user of found) expect(await store.findById(user?.id ?? '')).toEqual(user);
      expect(found.map((user) => user?.id)).not.toContain(id);
    });

    it('leave the tenant an administrator who is counted', async () => {
      const { table: own, close: closeOwn } = await makeTestTable();
      try {
        const users = openDynamoUserStore(own);
        for (const name of ['first', 'second']) {
          await own.put({
            PK: `user#${name}`,
            SK: 'PROFILE',
            user_id: name.length,
            username: name,
            hashed_password: HASH,
            is_active: true,
            is_admin: true,
          });
        }
        const first = (await users.findByName('first')) as User;
        const second = (await users.findByName('second')) as User;
        // Nobody knows of the other until it is upgraded.
        await expect(users.delete(first.id)).rejects.toMatchObject({ code: 'conflict' });
        await expect(users.save({ ...first, isAdmin: false }, 0)).rejects.toMatchObject({ code: 'conflict' });
        await users.save(second, 0);
        await users.delete(first.id);
        await expect(users.delete(second.id)).rejects.toMatchObject({ code: 'conflict' });
        expect(await users.count()).toBe(1);
      } finally {
        await closeOwn();
      }
    });
  });

  it('lets one of two creations of a name win, every time', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await store.count();
      const outcomes = await Promise.allSettled([
        store.create(someone(`Race-${round}`)),
        openDynamoUserStore(table).create(someone(`RACE-${round}`, { tenantId: 'neighbours' })),
      ]);
      expect(codesOf(outcomes).sort()).toEqual(['already_exists', 'done']);
      expect(await store.count()).toBe(before + 1);
      const winner = outcomes.find((outcome) => outcome.status === 'fulfilled')?.value;
      expect(await store.findByName(`race-${round}`)).toEqual(winner);
    }
  });

  it('lets one of two saves and renames win, every time', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const [one, two] = await Promise.all(
        ['a', 'b'].map((letter) => store.create(someone(`${letter}-${round}`))),
      );
      const renames = await Promise.allSettled(
        [one, two].map((user) => store.save({ ...(user as User), username: `c-${round}` }, 1)),
      );
      expect(codesOf(renames).sort()).toEqual(['already_exists', 'done']);
      const winner = (await store.findByName(`c-${round}`)) as User;
      const saves = await Promise.allSettled(
        ['x', 'y'].map((passwordHash) => store.save({ ...winner, passwordHash }, 2)),
      );
      expect(codesOf(saves).sort()).toEqual(['conflict', 'done']);
      expect(await store.findById(winner.id)).toMatchObject({ revision: 3, username: `c-${round}` });
    }
  });

  it('never loses the last administrator to two who remove each other, every time', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const tenantId = `admins-${round}`;
      const [one, two] = await Promise.all(
        ['one', 'two'].map((name) => store.create(someone(`${name}-${round}`, { tenantId, isAdmin: true }))),
      );
      const outcomes = await Promise.allSettled([
        store.delete((one as User).id),
        round % 2 === 0
          ? store.save({ ...(two as User), isActive: false }, 1)
          : store.delete((two as User).id),
      ]);
      expect(codesOf(outcomes).sort()).toEqual(['conflict', 'done']);
      const { items } = await store.list(tenantId, { limit: 10 });
      expect(items.filter((user) => user.isAdmin && user.isActive)).toHaveLength(1);
    }
  });

  it('finds an id soon where many are taken', async () => {
    const users = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        store.create(someone(`many-${index}`, { createdAtMs: START_MS + 1_000_000 })),
      ),
    );
    expect(new Set(users.map(({ id }) => id)).size).toBe(40);
  });

  it('counts what no key can be as nobody', async () => {
    for (const name of ['', 'x'.repeat(5000)]) {
      expect(await store.findByName(name)).toBeNull();
      expect(await store.findById(name)).toBeNull();
    }
  });
});
