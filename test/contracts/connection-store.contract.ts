import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import {
  CONNECTION_LIFETIME_MS,
  type Connection,
  type ConnectionStore,
} from '../../src/domain/connection.ts';
import { START_MS } from '../sample-records.ts';
import { readPages } from './pages.ts';

export interface OpenConnectionStore {
  readonly store: ConnectionStore;
  readonly close?: () => Promise<void> | void;
}

export const connection = (connectionId: string, change: Partial<Connection> = {}): Connection => ({
  connectionId,
  userId: 'anna',
  tenantId: 'default',
  endpoint: 'http://10.0.0.7:8080/api/instances/events',
  connectedAtMs: START_MS - 1000,
  lastPingMs: START_MS,
  metadata: {},
  ...change,
});

const idsOf = (connections: readonly Connection[]): string[] =>
  connections.map(({ connectionId }) => connectionId).sort();

export function describeConnectionStoreContract(
  name: string,
  open: (clock: Clock) => OpenConnectionStore | Promise<OpenConnectionStore>,
): void {
  describe(`ConnectionStore: ${name}`, () => {
    let nowMs = START_MS;
    let opened: OpenConnectionStore;
    let store: ConnectionStore;

    beforeEach(async () => {
      nowMs = START_MS;
      opened = await open(() => nowMs);
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    const saveAll = async (connections: readonly Connection[]) => {
      for (const each of connections) await store.save(each);
    };

    it('finds a connection as it was saved, until it is deleted', async () => {
      const whole = connection('c 1/ä', {
        metadata: { kind: 'websocket', user_agent: 'Küche "1"', empty: '' },
      });
      expect(await store.find(whole.connectionId)).toBeNull();
      await store.save(whole);
      expect(await store.find(whole.connectionId)).toEqual(whole);
      await store.delete(whole.connectionId);
      await store.delete(whole.connectionId);
      expect(await store.find(whole.connectionId)).toBeNull();
    });

    it('keeps what was saved, whatever becomes of the object that the caller has', async () => {
      const metadata: Record<string, string> = { kind: 'websocket' };
      await store.save(connection('1', { metadata }));
      metadata['kind'] = 'changed';
      expect((await store.find('1'))?.metadata).toEqual({ kind: 'websocket' });
    });

    it('replaces a connection of the same id, in the lists too', async () => {
      await store.save(connection('1'));
      const another = connection('1', { userId: 'ben', tenantId: 'neighbours', metadata: { kind: 'sse' } });
      await store.save(another);
      expect(await store.find('1')).toEqual(another);
      expect((await store.listByUser('anna', { limit: 10 })).items).toEqual([]);
      expect((await store.listByTenant('default', { limit: 10 })).items).toEqual([]);
      expect((await store.listByUser('ben', { limit: 10 })).items).toEqual([another]);
      expect((await store.listByTenant('neighbours', { limit: 10 })).items).toEqual([another]);
    });

    it('finds many, each once, more than a hundred too', async () => {
      const all = Array.from({ length: 130 }, (_, place) => connection(`c${place}`));
      await saveAll(all);
      const wanted = [...all.map(({ connectionId }) => connectionId), 'c1', 'c2', 'absent'];
      expect(idsOf(await store.findMany(wanted))).toEqual(idsOf(all));
      expect(await store.findMany(['absent'])).toEqual([]);
      expect(await store.findMany([])).toEqual([]);
      expect(await store.findMany(['c7', 'c7'])).toEqual([connection('c7')]);
    });

    it('lists those of a user and of a tenant, page by page, none twice', async () => {
      const annas = ['a', 'c', 'b', 'B', 'ä'].map((id) => connection(id));
      const others = [connection('d', { userId: 'ben' }), connection('e', { userId: 'Anna', tenantId: 'x' })];
      await saveAll([...annas, ...others]);
      for (const limit of [1, 2, 5, 6]) {
        expect(idsOf(await readPages((page) => store.listByUser('anna', page), limit))).toEqual(idsOf(annas));
        expect(idsOf(await readPages((page) => store.listByTenant('default', page), limit))).toEqual(
          idsOf([...annas, connection('d')]),
        );
      }
      expect((await store.listByUser('nobody', { limit: 10 })).items).toEqual([]);
      expect((await store.listByTenant('x', { limit: 10 })).items).toEqual([others[1]]);
    });

    it('goes on with a list where the last page ended, though that connection is gone', async () => {
      await saveAll(['a', 'b', 'c', 'd'].map((id) => connection(id)));
      const first = await store.listByUser('anna', { limit: 2 });
      for (const { connectionId } of first.items) await store.delete(connectionId);
      const second = await store.listByUser('anna', { limit: 2, after: first.next });
      expect(idsOf([...first.items, ...second.items])).toEqual(['a', 'b', 'c', 'd']);
      expect(second.next).toBeUndefined();
    });

    it('refuses the place of another list', async () => {
      await store.save(connection('1'));
      const page = { limit: 1, after: [7] };
      await expect(store.listByUser('anna', page)).rejects.toMatchObject({ field: 'cursor' });
      await expect(store.listByTenant('default', page)).rejects.toMatchObject({ field: 'cursor' });
    });

    it('updates the last ping of one that there is', async () => {
      await store.save(connection('1'));
      await store.updateLastPing('1', START_MS + 5000);
      expect(await store.find('1')).toEqual(connection('1', { lastPingMs: START_MS + 5000 }));
      await expect(store.updateLastPing('2', START_MS)).rejects.toMatchObject({ code: 'not_found' });
      expect(await store.find('2')).toBeNull();
    });

    it('counts as gone what was not heard of for a day, wherever it asks', async () => {
      await store.save(connection('1'));
      await store.save(connection('2', { lastPingMs: START_MS + 1 }));
      nowMs = START_MS + CONNECTION_LIFETIME_MS - 1;
      expect(await store.find('1')).not.toBeNull();
      nowMs += 1;
      expect(await store.find('1')).toBeNull();
      expect(idsOf(await store.findMany(['1', '2']))).toEqual(['2']);
      expect(idsOf(await readPages((page) => store.listByUser('anna', page), 1))).toEqual(['2']);
      expect(idsOf(await readPages((page) => store.listByTenant('default', page), 1))).toEqual(['2']);
      await expect(store.updateLastPing('1', nowMs)).rejects.toMatchObject({ code: 'not_found' });
      expect(await store.find('1')).toBeNull();
      await store.save(connection('1', { lastPingMs: nowMs }));
      expect(await store.find('1')).not.toBeNull();
    });

    it('deletes what is stale of a tenant, a bounded number at a time', async () => {
      await saveAll([
        ...['1', '2', '3'].map((id) => connection(id, { lastPingMs: START_MS - 1 })),
        connection('gone', { lastPingMs: START_MS - 2 * CONNECTION_LIFETIME_MS }),
        connection('pinged', { lastPingMs: START_MS - 1 }),
        connection('fresh'),
        connection('foreign', { tenantId: 'neighbours', lastPingMs: START_MS - 1 }),
      ]);
      await store.updateLastPing('pinged', START_MS + 1);
      const first = await store.deleteStale('default', START_MS, 3);
      expect(first).toHaveLength(3);
      const second = await store.deleteStale('default', START_MS, 3);
      expect([...first, ...second].sort()).toEqual(['1', '2', '3', 'gone']);
      expect(await store.deleteStale('default', START_MS, 3)).toEqual([]);
      expect(idsOf(await store.findMany(['1', '2', '3', 'pinged', 'fresh', 'foreign']))).toEqual([
        'foreign',
        'fresh',
        'pinged',
      ]);
    });

    it('takes the longest id for one as any other', async () => {
      const id = 'x'.repeat(5000);
      expect(await store.find(id)).toBeNull();
      expect(await store.findMany([id, ''])).toEqual([]);
      expect((await store.listByUser(id, { limit: 1 })).items).toEqual([]);
      expect((await store.listByTenant('', { limit: 1 })).items).toEqual([]);
      await store.delete(id);
      await expect(store.updateLastPing(id, START_MS)).rejects.toMatchObject({ code: 'not_found' });
      expect(await store.deleteStale(id, START_MS, 1)).toEqual([]);
    });
  });
}
