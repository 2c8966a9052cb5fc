import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newRequest } from '../../../test/contracts/request-queue-harness.ts';
import { makeRequestTable } from '../../../test/servers/dynamodb-client.ts';
import { START_MS } from '../../../test/sample-records.ts';
import type { RequestQueue } from '../../domain/request.ts';
import { openDynamoRequestQueue } from './dynamo-request-queue.ts';
import type { RequestTable } from './request-table.ts';
import { openWorkDoorbell } from './work-doorbell.ts';

const LEASE_MS = 30_000;

describe('openWorkDoorbell', () => {
  let nowMs = START_MS;
  let table: RequestTable;
  let close: () => Promise<void>;
  let queue: RequestQueue;
  const clock = () => nowMs;
  const startDue = (actions = ['ingest']) =>
    openWorkDoorbell(table, { clock, graceMs: 10_000 }).startDue(actions);

  beforeEach(async () => {
    nowMs = START_MS;
    ({ table, close } = await makeRequestTable());
    queue = openDynamoRequestQueue(table, { clock, newId: () => crypto.randomUUID() });
  });
  afterEach(() => close());

  it('rings for what waits for longer than it takes to start, for its own actions', async () => {
    await queue.enqueue(newRequest('1'));
    expect(await startDue()).toBe(0);
    nowMs += 10_001;
    expect(await startDue(['transcribe'])).toBe(0);
    expect(await startDue([])).toBe(0);
    expect(await startDue()).toBe(1);
    expect(await table.get({ RequestID: 'doorbell#0' })).toMatchObject({ Status: 'PENDING' });
  });

  it('rings for a retry that is due, and for a lease that has run out', async () => {
    for (const id of ['1', '2']) await queue.enqueue(newRequest(id));
    const [first] = await queue.claim(['ingest'], LEASE_MS, 2);
    if (first === undefined) throw new Error('Nothing was claimed.');
    await queue.fail(first.lease, { code: 'internal', message: '', retryable: true }, nowMs + 60_000);
    nowMs += LEASE_MS + 9000;
    expect(await startDue()).toBe(0);
    nowMs += 2000;
    expect(await startDue()).toBe(1);
    nowMs += 60_000;
    expect(await startDue()).toBe(2);
  });

  it('rings no more often than so many workers are of use', async () => {
    for (let id = 0; id < 15; id += 1) await queue.enqueue(newRequest(String(id)));
    nowMs += 20_000;
    expect(await startDue()).toBe(10);
  });

  it('is no request: nobody finds, lists, counts, claims, changes or sweeps it', async () => {
    await queue.enqueue(newRequest('1'));
    nowMs += 20_000;
    await startDue();
    expect(await queue.find('doorbell#0')).toBeNull();
    expect(await queue.findMany(['doorbell#0'])).toEqual([]);
    expect((await queue.list({}, { limit: 10 })).items.map(({ requestId }) => requestId)).toEqual(['1']);
    expect(await queue.countOpen()).toBe(1);
    await expect(queue.cancel('doorbell#0')).rejects.toMatchObject({ code: 'not_found' });
    const claimed = await queue.claim(['ingest'], LEASE_MS, 10);
    expect(claimed.map(({ request }) => request.requestId)).toEqual(['1']);
    expect(await queue.deleteEnded(nowMs + 1, 10)).toBe(0);
  });
});
