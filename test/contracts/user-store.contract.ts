import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { User, UserStore } from '../../src/domain/user.ts';
import { readPages } from './pages.ts';
import { newUser, START_MS } from '../sample-records.ts';

export interface OpenUserStore {
  readonly store: UserStore;
  readonly close?: () => Promise<void> | void;
}

export function describeUserStoreContract(
  name: string,
  open: () => OpenUserStore | Promise<OpenUserStore>,
): void {
  describe(`UserStore: ${name}`, () => {
    let opened: OpenUserStore;
    let store: UserStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    const add = (username: string, change: Partial<User> = {}): Promise<User> =>
      store.create(newUser(username, change));

    it('gives back what was created, by name and by id', async () => {
      expect(await store.findByName('anna')).toBeNull();
      expect(await store.findById('1')).toBeNull();
      const anna = await add('Anna', { email: 'anna@example.org', isAdmin: true, isActive: false });
      expect(anna).toEqual({
        ...newUser('Anna', { email: 'anna@example.org', isAdmin: true, isActive: false }),
        id: String(START_MS),
        revision: 1,
      });
      expect(await store.findById(anna.id)).toEqual(anna);
      expect(await store.findByName('anna')).toEqual(anna);
      expect(await store.findById('')).toBeNull();
      expect(await store.findById(` ${anna.id}`)).toBeNull();
    });

    it('makes ids out of the time, raised until they are free', async () => {
      const users = await Promise.all(['a', 'b', 'c'].map((username) => add(username)));
      expect(users.map((user) => user.id).toSorted()).toEqual([
        String(START_MS),
        String(START_MS + 1),
        String(START_MS + 2),
      ]);
    });

    it('knows names without regard to case, over all tenants', async () => {
      const zoe = await add('Zoë');
      for (const spelling of ['zoë', 'ZOË', 'Zoe\u0308']) {
        expect(await store.findByName(spelling)).toEqual(zoe);
        const twin = add(spelling, { tenantId: 'neighbours' });
        await expect(twin).rejects.toMatchObject({ code: 'already_exists' });
      }
      expect(await store.findByName('zoe')).toBeNull();
      expect(await store.count()).toBe(1);
    });

    it('lets one of many creators of a name win', async () => {
      const outcomes = await Promise.allSettled(['anna', 'ANNA', 'Anna'].map((username) => add(username)));
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'already_exists' });
      }
    });

    it('lists the users of a tenant by lower-case name, page by page', async () => {
      for (const username of ['b', 'C', 'a', 'D', '_', 'é']) await add(username);
      await add('foreign', { tenantId: 'neighbours' });
      for (const limit of [1, 2, 3, 6, 7, 1000]) {
        const users = await readPages((page) => store.list('default', page), limit);
        expect(users.map((user) => user.username)).toEqual(['_', 'a', 'b', 'C', 'D', 'é']);
      }
      expect(await store.list('others', { limit: 10 })).toEqual({ items: [] });
      expect(await store.count()).toBe(7);
    });

    it('goes over the tenants that have users, one by one', async () => {
      expect(await store.findNextTenant(null)).toBeNull();
      for (const [username, tenantId] of [
        ['a', 'default'],
        ['b', 'neighbours'],
        ['c', 'neighbours'],
        ['d', 'cellar'],
      ] as const) {
        await add(username, { tenantId });
      }
      expect(await store.findNextTenant(null)).toBe('cellar');
      expect(await store.findNextTenant('cellar')).toBe('default');
      expect(await store.findNextTenant('default')).toBe('neighbours');
      expect(await store.findNextTenant('neighbours')).toBeNull();
      expect(await store.findNextTenant('d')).toBe('default');
    });

    it('saves over the revision that is there', async () => {
      const anna = await add('anna', { email: 'anna@example.org' });
      const saved = await store.save({ ...anna, email: undefined, passwordHash: 'other' }, 1);
      expect(saved).toEqual({ ...anna, email: undefined, passwordHash: 'other', revision: 2 });
      expect(await store.findById(anna.id)).toEqual(saved);
      await expect(store.save(anna, 1)).rejects.toMatchObject({ code: 'conflict' });
      const missing = store.save({ ...anna, id: '5' }, 1);
      await expect(missing).rejects.toMatchObject({ code: 'not_found' });
      expect(await store.findById(anna.id)).toEqual(saved);
    });

    it('renames, but not to a name that is taken', async () => {
      const anna = await add('anna');
      await add('Ben');
      await expect(store.save({ ...anna, username: 'BEN' }, 1)).rejects.toMatchObject({
        code: 'already_exists',
      });
      await store.save({ ...anna, username: 'ANNA' }, 1);
      await store.save({ ...anna, username: 'Clara' }, 2);
      expect(await store.findByName('anna')).toBeNull();
      expect(await store.findByName('clara')).toMatchObject({ id: anna.id, revision: 3 });
    });

    it('deletes, and lets the name go', async () => {
      const anna = await add('anna');
      await store.delete(anna.id);
      await store.delete(anna.id);
      expect(await store.findByName('anna')).toBeNull();
      expect(await store.count()).toBe(0);
      await add('Anna');
    });

    describe('the last active administrator of a tenant', () => {
      let admin: User;

      beforeEach(async () => {
        admin = await add('admin', { isAdmin: true });
        await add('retired', { isAdmin: true, isActive: false });
        await add('anna');
        await add('foreign', { isAdmin: true, tenantId: 'neighbours' });
      });

      it('stays', async () => {
        await expect(store.delete(admin.id)).rejects.toMatchObject({ code: 'conflict' });
        for (const change of [{ isAdmin: false }, { isActive: false }, { tenantId: 'neighbours' }]) {
          const saving = store.save({ ...admin, ...change }, admin.revision);
          await expect(saving).rejects.toMatchObject({ code: 'conflict' });
        }
        expect(await store.findById(admin.id)).toEqual(admin);
      });

      it('may be changed in other ways', async () => {
        await expect(store.save({ ...admin, passwordHash: 'other' }, 1)).resolves.toMatchObject({
          revision: 2,
        });
      });

      it('may go once there is another; of two who go at once, one stays', async () => {
        const second = await add('second', { isAdmin: true });
        const outcomes = await Promise.allSettled([
          store.delete(admin.id),
          store.save({ ...second, isAdmin: false }, 1),
        ]);
        expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
      });

      it('does not keep others from going', async () => {
        for (const username of ['retired', 'anna']) {
          await store.delete((await store.findByName(username))?.id ?? '');
        }
        expect(await store.count()).toBe(2);
      });
    });

    it('lets users of a tenant without an administrator change and go', async () => {
      const anna = await add('anna', { tenantId: 'small' });
      await store.save({ ...anna, isActive: false }, 1);
      await store.delete(anna.id);
      expect(await store.count()).toBe(0);
    });
  });
}
