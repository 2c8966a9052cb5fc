import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAppError } from '../../src/domain/app-error.ts';
import type { Clock } from '../../src/domain/clock.ts';
import {
  CONNECTION_LIFETIME_MS,
  type Connection,
  type ConnectionStore,
} from '../../src/domain/connection.ts';
import { START_MS } from '../sample-records.ts';
import { connection, type OpenConnectionStore } from './connection-store.contract.ts';
import { readPages } from './pages.ts';

const IDS = ['a', 'B', 'b', 'ä', 'c 1'];
const OWNERS = ['anna', 'Anna', 'ben'];
const HOUR_MS = 3_600_000;

const id = fc.constantFrom(...IDS);
const owner = fc.constantFrom(...OWNERS);
const limit = fc.constantFrom(1, 2, 3, 100);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('save' as const), id, user: owner, tenant: owner }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), id }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('ping' as const), id }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, HOUR_MS, 12 * HOUR_MS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('find' as const), ids: fc.array(id, { maxLength: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('list' as const), owner, limit }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('deleteStale' as const),
      tenant: owner,
      ageMs: fc.constantFrom(0, 1, HOUR_MS, CONNECTION_LIFETIME_MS, 2 * CONNECTION_LIFETIME_MS),
      limit,
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A store does what a plain table of rows does, whatever the order of what is asked of it. */
export function describeConnectionStoreProperties(
  name: string,
  open: (clock: Clock) => OpenConnectionStore | Promise<OpenConnectionStore>,
  numRuns = 200,
): void {
  describe(`ConnectionStore against a model: ${name}`, () => {
    let nowMs = START_MS;
    let opened: OpenConnectionStore;
    let runs = 0;

    beforeAll(async () => {
      opened = await open(() => nowMs);
    });
    afterAll(() => opened.close?.());

    it('answers as the model does', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
          nowMs = START_MS;
          // What other runs have left is of others.
          const comparison = compareWithModel(opened.store, `${(runs += 1)}-`);
          for (const next of steps) {
            if (next.kind === 'wait') nowMs += next.ms;
            else await comparison.take(next, nowMs);
          }
          await comparison.checkAll(nowMs);
        }),
        { numRuns },
      );
    });
  });
}

function compareWithModel(store: ConnectionStore, prefix: string) {
  const model = new Map<string, Connection>();
  const isAlive = ({ lastPingMs }: Connection, nowMs: number) => nowMs - lastPingMs < CONNECTION_LIFETIME_MS;
  const aliveWhere = (nowMs: number, isMeant: (each: Connection) => boolean) =>
    sorted([...model.values()].filter((each) => isAlive(each, nowMs) && isMeant(each)));

  const checkLists = async (someone: string, pageSize: number, nowMs: number) => {
    const ofUser = await readPages((page) => store.listByUser(someone, page), pageSize);
    expect(sorted(ofUser)).toEqual(aliveWhere(nowMs, ({ userId }) => userId === someone));
    const ofTenant = await readPages((page) => store.listByTenant(someone, page), pageSize);
    expect(sorted(ofTenant)).toEqual(aliveWhere(nowMs, ({ tenantId }) => tenantId === someone));
  };

  return {
    async take(next: Exclude<Step, { kind: 'wait' }>, nowMs: number): Promise<void> {
      if ('user' in next) {
        const saved = connection(prefix + next.id, {
          userId: prefix + next.user,
          tenantId: prefix + next.tenant,
          lastPingMs: nowMs,
          metadata: { saved_at: String(nowMs) },
        });
        await store.save(saved);
        model.set(saved.connectionId, saved);
      } else if ('ids' in next) {
        const ids = next.ids.map((each) => prefix + each);
        const expected = aliveWhere(nowMs, ({ connectionId }) => ids.includes(connectionId));
        expect(sorted(await store.findMany(ids))).toEqual(expected);
        for (const each of ids) {
          expect(await store.find(each)).toEqual(
            expected.find(({ connectionId }) => connectionId === each) ?? null,
          );
        }
      } else if ('ageMs' in next) {
        await deleteStale(prefix + next.tenant, nowMs - next.ageMs, next.limit);
      } else if ('owner' in next) {
        await checkLists(prefix + next.owner, next.limit, nowMs);
      } else if (next.kind === 'delete') {
        await store.delete(prefix + next.id);
        model.delete(prefix + next.id);
      } else {
        await ping(prefix + next.id, nowMs);
      }
    },

    async checkAll(nowMs: number): Promise<void> {
      expect(sorted(await store.findMany(IDS.map((each) => prefix + each)))).toEqual(
        aliveWhere(nowMs, () => true),
      );
      for (const someone of OWNERS) await checkLists(prefix + someone, 2, nowMs);
    },
  };

  async function ping(connectionId: string, nowMs: number): Promise<void> {
    const known = model.get(connectionId);
    const outcome = await store.updateLastPing(connectionId, nowMs).then(
      () => 'done',
      (error: unknown) => (isAppError(error) ? error.code : error),
    );
    if (known === undefined || !isAlive(known, nowMs)) expect(outcome).toBe('not_found');
    else {
      expect(outcome).toBe('done');
      model.set(connectionId, { ...known, lastPingMs: nowMs });
    }
  }

  /** Which of them go first is the store's choice. */
  async function deleteStale(tenantId: string, beforeMs: number, most: number): Promise<void> {
    const stale = [...model.values()].filter(
      (each) => each.tenantId === tenantId && each.lastPingMs < beforeMs,
    );
    const deleted = await store.deleteStale(tenantId, beforeMs, most);
    expect(deleted).toHaveLength(Math.min(most, stale.length));
    expect(new Set(deleted).size).toBe(deleted.length);
    for (const each of deleted) {
      expect(stale.map(({ connectionId }) => connectionId)).toContain(each);
      model.delete(each);
    }
  }
}

const sorted = (connections: readonly Connection[]): Connection[] =>
  connections.toSorted((one, other) => (one.connectionId < other.connectionId ? -1 : 1));
