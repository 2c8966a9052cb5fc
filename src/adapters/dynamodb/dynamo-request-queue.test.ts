import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newRequest } from '../../../test/contracts/request-queue-harness.ts';
import { makeDynamoClient, makeRequestTable } from '../../../test/servers/dynamodb-client.ts';
import { loseAnswers } from '../../../test/servers/lost-answers.ts';
import { START_MS } from '../../../test/sample-records.ts';
import type { RequestQueue } from '../../domain/request.ts';
import { openDynamoRequestQueue } from './dynamo-request-queue.ts';
import { openRequestTable, type RequestTable } from './request-table.ts';

const LEASE_MS = 1000;
const WEEK_MS = 7 * 24 * 3_600_000;

describe('openDynamoRequestQueue', () => {
  let nowMs = START_MS;
  let table: RequestTable;
  let close: () => Promise<void>;
  let queue: RequestQueue;
  const open = () => openDynamoRequestQueue(table, { clock: () => nowMs, newId: () => crypto.randomUUID() });

  beforeEach(async () => {
    nowMs = START_MS;
    ({ table, close } = await makeRequestTable());
    queue = open();
  });
  afterEach(() => close());

  it('writes the attributes that others read, in their form', async () => {
    await queue.enqueue(newRequest('1', { payload: { key: 'uploads/1' } }));
    const waiting = await table.get({ RequestID: '1' });
    expect(waiting).toMatchObject({
      Action: 'ingest',
      Payload: { key: 'uploads/1' },
      Status: 'PENDING',
      UserID: 'anna',
      TenantID: 'default',
      CreatedAt: '2026-01-02T03:04:05.678000000Z',
      VisibleAt: '2026-01-02T03:04:05.678Z',
      RetryCount: 0,
      MaxRetries: 3,
      Seq: 1,
      TTL: Math.ceil((START_MS + WEEK_MS) / 1000),
    });
    const [claimed] = await queue.claim(['ingest'], LEASE_MS, 1);
    expect(await table.get({ RequestID: '1' })).toMatchObject({
      Status: 'PROCESSING',
      LeaseToken: claimed?.lease.token,
      LeaseUntil: '2026-01-02T03:04:06.678Z',
      ProcessingStarted: '2026-01-02T03:04:05.678Z',
    });
  });

  it('gives each request to one of many instances', async () => {
    const ids = Array.from({ length: 12 }, (_, place) => `request-${place}`);
    for (const id of ids) await queue.enqueue(newRequest(id));
    const claims = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const instance = open();
        const mine: string[] = [];
        for (;;) {
          const [claimed] = await instance.claim(['ingest'], LEASE_MS, 1);
          if (claimed === undefined) return mine;
          mine.push(claimed.request.requestId);
        }
      }),
    );
    expect(claims.flat().sort()).toEqual(ids.sort());
  });

  it('claims at once what was deleted and ordered anew under its id', async () => {
    for (const id of ['first', 'again']) {
      await queue.enqueue(newRequest(id));
      nowMs += 1;
    }
    const idOf = async () => (await queue.claim(['ingest'], LEASE_MS, 1))[0]?.request.requestId;
    expect(await idOf()).toBe('first');
    await queue.cancel('again');
    await queue.delete('again');
    await queue.enqueue(newRequest('again'));
    expect(await idOf()).toBe('again');
  });

  it('loses no renewal to a step of progress beside it', async () => {
    await queue.enqueue(newRequest('1'));
    const [claimed] = await queue.claim(['ingest'], LEASE_MS, 1);
    if (claimed === undefined) throw new Error('nothing to claim');
    for (let turn = 1; turn <= 10; turn += 1) {
      nowMs += 1;
      await Promise.all([
        queue.renew(claimed.lease, LEASE_MS),
        queue.progress(claimed.lease, { percentage: turn, message: 'on the way' }),
      ]);
      expect(await queue.find('1')).toMatchObject({ leaseUntilMs: nowMs + LEASE_MS, progress: turn });
    }
  });

  it('lets one worker write where clocks differ, and ends each request once', async () => {
    const ahead = openDynamoRequestQueue(table, {
      clock: () => nowMs + 5 * LEASE_MS,
      newId: () => crypto.randomUUID(),
    });
    await queue.enqueue(newRequest('1'));
    const [first] = await queue.claim(['ingest'], LEASE_MS, 1);
    // To a clock that is ahead, the lease has run out: it takes the request, and the first worker's writes are refused.
    const [second] = await ahead.claim(['ingest'], LEASE_MS, 1);
    if (first === undefined || second === undefined) throw new Error('nothing to claim');
    expect(second.request).toMatchObject({ requestId: '1', attempt: 2 });
    await expect(queue.progress(first.lease, { percentage: 50, message: 'late' })).rejects.toMatchObject({
      code: 'lease_lost',
    });
    await expect(queue.complete(first.lease, {})).rejects.toMatchObject({ code: 'lease_lost' });
    // To the clock that is behind, the other lease holds long.
    expect(await queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
    await ahead.complete(second.lease, { by: 'second' });
    expect(await queue.find('1')).toMatchObject({ status: 'COMPLETED', result: { by: 'second' } });
    // What is enqueued by the clock ahead waits until the others get there, and no longer.
    await ahead.enqueue(newRequest('2'));
    expect(await queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
    nowMs += 5 * LEASE_MS;
    expect((await queue.claim(['ingest'], LEASE_MS, 1))[0]?.request.requestId).toBe('2');
  });

  it('takes each step once, also when its first answer is lost', async () => {
    const client = makeDynamoClient();
    const lost = loseAnswers(client);
    const flaky = openDynamoRequestQueue(openRequestTable(client, table.name), {
      clock: () => nowMs,
      newId: () => crypto.randomUUID(),
    });
    await flaky.enqueue(newRequest('1'));
    await expect(flaky.enqueue(newRequest('1'))).rejects.toMatchObject({ code: 'already_exists' });
    const [first] = await flaky.claim(['ingest'], LEASE_MS, 1);
    if (first === undefined) throw new Error('nothing to claim');
    await flaky.progress(first.lease, { percentage: 40, message: 'on the way' });
    await flaky.renew(first.lease, LEASE_MS);
    await flaky.release(first.lease);
    const [second] = await flaky.claim(['ingest'], LEASE_MS, 1);
    if (second === undefined) throw new Error('nothing to claim');
    await flaky.complete(second.lease, { done: true });
    expect(await queue.find('1')).toMatchObject({ status: 'COMPLETED', attempt: 1, seq: 6 });
    expect(await flaky.deleteEnded(nowMs + 1, 10)).toBe(1);
    expect(lost.count()).toBeGreaterThanOrEqual(8);
    client.destroy();
  });

  it('takes what has not changed for a week as gone, whether it is deleted or not', async () => {
    await queue.enqueue(newRequest('1'));
    nowMs += WEEK_MS + 1000;
    expect(await queue.find('1')).toBeNull();
    expect(await queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
    expect(await queue.countOpen()).toBe(0);
    expect(await table.get({ RequestID: '1' })).not.toBeNull();
  });

  it('finds work behind more that it has no action for than a page holds', async () => {
    for (let place = 0; place < 60; place += 1) {
      await queue.enqueue(newRequest(`other-${place}`, { action: 'transcribe' }));
    }
    await queue.enqueue(newRequest('mine'));
    expect((await queue.claim(['ingest'], LEASE_MS, 1))[0]?.request.requestId).toBe('mine');
  });

  it('is held up by no item that is no request, however old', async () => {
    const poison = { RequestID: 'poison', Status: 'PENDING', Action: 'ingest', UserID: 'anna' };
    const CreatedAt = '2020-01-01T00:00:00.000000000Z';
    await table.put({ ...poison, CreatedAt, VisibleAt: '2020-01-01T00:00:00.000Z' });
    await queue.enqueue(newRequest('1'));
    const claimed = await queue.claim(['ingest'], LEASE_MS, 1);
    expect(claimed.map(({ request }) => request.requestId)).toEqual(['1']);
    expect(await queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
  });
});
