import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import type { Session, SessionStore } from '../../src/domain/credentials.ts';
import { START_MS } from '../sample-records.ts';

export interface OpenSessionStore {
  readonly store: SessionStore;
  readonly close?: () => Promise<void> | void;
}

const session = (id: string, change: Partial<Session> = {}): Session => ({
  id,
  tokenHash: `hash-${id}`,
  userId: 'anna',
  createdAtMs: START_MS,
  expiresAtMs: START_MS + 1000,
  ...change,
});

export function describeSessionStoreContract(
  name: string,
  open: (clock: Clock) => OpenSessionStore | Promise<OpenSessionStore>,
): void {
  describe(`SessionStore: ${name}`, () => {
    let nowMs = START_MS;
    let opened: OpenSessionStore;
    let store: SessionStore;

    beforeEach(async () => {
      nowMs = START_MS;
      opened = await open(() => nowMs);
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    it('finds a session by the hash of its token until it is deleted', async () => {
      expect(await store.findByTokenHash('hash-1')).toBeNull();
      await store.create(session('1'));
      expect(await store.findByTokenHash('hash-1')).toEqual(session('1'));
      expect(await store.findByTokenHash('1')).toBeNull();
      await store.delete('1');
      await store.delete('1');
      expect(await store.findByTokenHash('hash-1')).toBeNull();
    });

    it('counts an expired session as gone', async () => {
      await store.create(session('1'));
      nowMs = START_MS + 999;
      expect(await store.findByTokenHash('hash-1')).not.toBeNull();
      nowMs = START_MS + 1000;
      expect(await store.findByTokenHash('hash-1')).toBeNull();
    });

    it('keeps a token to one session', async () => {
      await store.create(session('1'));
      for (const twin of [session('1', { tokenHash: 'x' }), session('2', { tokenHash: 'hash-1' })]) {
        await expect(store.create(twin)).rejects.toMatchObject({ code: 'already_exists' });
      }
    });

    it('ends every session of a user but one, and names them', async () => {
      for (const id of ['1', '2', '3']) await store.create(session(id));
      await store.create(session('4', { userId: 'ben' }));
      expect((await store.deleteByUser('anna', '2')).toSorted()).toEqual(['1', '3']);
      expect(await store.findByTokenHash('hash-1')).toBeNull();
      expect(await store.findByTokenHash('hash-2')).not.toBeNull();
      expect(await store.deleteByUser('anna', '4')).toEqual(['2']);
      expect(await store.deleteByUser('anna')).toEqual([]);
      expect(await store.findByTokenHash('hash-4')).not.toBeNull();
    });

    it('lists what has expired, a bounded number at a time, until it is deleted', async () => {
      const expired = [session('b'), session('a', { expiresAtMs: START_MS + 1001 })];
      for (const each of [...expired, session('c', { expiresAtMs: START_MS + 1002 })])
        await store.create(each);
      nowMs = START_MS + 1001;
      expect(await store.listExpired(START_MS + 999, 10)).toEqual([]);
      expect(await store.listExpired(nowMs, 10)).toEqual(expired);
      expect(await store.listExpired(nowMs, 1)).toEqual([session('b')]);
      await store.delete('b');
      expect((await store.listExpired(nowMs, 1)).map(({ id }) => id)).toEqual(['a']);
    });
  });
}
