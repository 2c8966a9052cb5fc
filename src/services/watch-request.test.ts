import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryRequestQueue } from '../adapters/memory/memory-request-queue.ts';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import type { Caller } from '../domain/caller.ts';
import type { AsyncRequest } from '../domain/request.ts';
import { startLooks } from './look-at-watched.ts';
import type { Ports } from './ports.ts';
import { watchRequest } from './watch-request.ts';

const caller = (userId: string, change: Partial<Caller> = {}): Caller => ({
  userId,
  username: userId,
  tenantId: 'default',
  isAdmin: false,
  scopes: ['read', 'write'],
  ...change,
});

describe('watchRequest', () => {
  let ports: Ports;
  let told: AsyncRequest[];
  const onState = (request: AsyncRequest) => void told.push(request);
  const watch = (since?: number, connectionId = 'c') =>
    watchRequest(ports, caller('anna'), 'r', { connectionId, since, onState });
  const seen = () => told.map(({ status, progress, seq }) => [status, progress, seq]);
  const subscriptions = async () => (await ports.subscriptions.listByRequest('r', { limit: 10 })).items;

  async function claim() {
    const [claimed] = await ports.queue.claim(['work'], 10_000, 1);
    if (claimed === undefined) throw new Error('Nothing to claim.');
    return claimed.lease;
  }

  beforeEach(async () => {
    ports = createMemoryPorts();
    told = [];
    await ports.queue.enqueue({
      requestId: 'r',
      action: 'work',
      payload: {},
      userId: 'anna',
      tenantId: 'default',
      maxRetries: 0,
    });
  });

  it('tells the state as it is, and each after it, up to the final one; then the subscription is gone', async () => {
    await watch();
    expect(await subscriptions()).toMatchObject([{ connectionId: 'c', requestId: 'r' }]);
    const lease = await claim();
    await ports.queue.progress(lease, { percentage: 40, message: 'on the way' });
    await ports.queue.complete(lease, { ok: true });
    expect(seen()).toEqual([
      ['PENDING', 0, 1],
      ['PROCESSING', 0, 2],
      ['PROCESSING', 40, 3],
      ['COMPLETED', 100, 4],
    ]);
    expect(await subscriptions()).toEqual([]);
    expect(ports.hub.watched()).toEqual([]);
  });

  it('tells whoever comes back only what came since, folded', async () => {
    const first = await watch();
    const lease = await claim();
    await first.end();
    expect(await subscriptions()).toEqual([]);
    for (const percentage of [10, 20, 30]) await ports.queue.progress(lease, { percentage, message: '' });
    told = [];
    const second = await watch(2);
    expect(seen()).toEqual([['PROCESSING', 30, 5]]);
    await second.end();
    await ports.queue.complete(lease, null);
    told = [];
    await watch(5);
    expect(seen()).toEqual([['COMPLETED', 100, 6]]);
    told = [];
    await watch(6);
    expect(told).toEqual([]);
  });

  it('tells of a finished request at once, and keeps nothing of the subscription', async () => {
    await ports.queue.cancel('r');
    await watch();
    expect(seen()).toEqual([['CANCELLED', 0, 2]]);
    expect(await subscriptions()).toEqual([]);
    expect(ports.hub.watched()).toEqual([]);
  });

  it('knows no request of others, but for an administrator of the tenant', async () => {
    const of = (who: Caller) => watchRequest(ports, who, 'r', { connectionId: 'c', onState });
    await expect(of(caller('ben'))).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      of(caller('eve', { isAdmin: true, tenantId: 'other', scopes: ['admin'] })),
    ).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(watchRequest(ports, null, 'r', { connectionId: 'c', onState })).rejects.toMatchObject({
      code: 'unauthorized',
    });
    expect(told).toEqual([]);
    expect(await subscriptions()).toEqual([]);
    await expect(of(caller('boss', { isAdmin: true }))).rejects.toMatchObject({ code: 'not_found' });
    await of(caller('boss', { isAdmin: true, scopes: ['read', 'admin'] }));
    expect(seen()).toEqual([['PENDING', 0, 1]]);
  });

  it('finds by looking what another process has done', async () => {
    const queue = createMemoryRequestQueue({ clock: Date.now, newId: () => crypto.randomUUID() });
    // Each process has a hub of its own.
    const [here, there] = [createMemoryPorts({ queue }), createMemoryPorts({ queue })];
    await queue.enqueue({
      requestId: 'shared',
      action: 'work',
      payload: {},
      userId: 'anna',
      tenantId: 'default',
      maxRetries: 0,
    });
    await watchRequest(here, caller('anna'), 'shared', { connectionId: 'c', onState });
    await there.queue.cancel('shared');
    expect(seen()).toEqual([['PENDING', 0, 1]]);
    const looks = startLooks(here, { intervalMs: 10 });
    await vi.waitFor(() => expect(told).toHaveLength(2));
    await looks.stop();
    expect(seen()[1]).toEqual(['CANCELLED', 0, 2]);
    expect(here.hub.watched()).toEqual([]);
  });
});
