import { afterEach, describe, expect, it } from 'vitest';
import type { PortOverrides } from '../../test/memory-ports.ts';
import { openTestApp, type TestApp } from '../../test/test-app.ts';
import { createMemoryRequestQueue } from '../adapters/memory/memory-request-queue.ts';
import type { AsyncRequest, ClaimedRequest } from '../domain/request.ts';
import { createActionRegistry } from '../services/actions/action-registry.ts';
import { DEFAULT_RETRY, type QueuedAction } from '../services/actions/action.ts';
import { noPayload } from './schemas/action-payloads.ts';

const actionNamed = (name: string): QueuedAction<object> => ({
  kind: 'queued',
  name,
  summary: 'Does nothing.',
  permission: 'write',
  payload: noPayload,
  expectedMs: 1000,
  retry: DEFAULT_RETRY,
  handle: async () => null,
});

const BROKEN = { code: 'internal', message: 'It broke.', retryable: true } as const;
const LEASE_MS = 10_000;

let test: TestApp;
let nowMs: number;
afterEach(() => test.app.close());

async function open(overrides: PortOverrides = {}): Promise<void> {
  nowMs = 1_700_000_000_000;
  const actions = createActionRegistry([actionNamed('ingest'), actionNamed('transcribe')]);
  test = await openTestApp({ clock: () => nowMs, actions, ...overrides });
}

async function enqueue(action: string): Promise<AsyncRequest> {
  const { queue, newId } = test.ports;
  const owner = { userId: 'anna', tenantId: 'default' };
  return queue.enqueue({ requestId: newId(), action, payload: {}, maxRetries: 3, ...owner });
}

async function claimOne(action: string): Promise<ClaimedRequest> {
  const [claimed] = await test.ports.queue.claim([action], LEASE_MS, 1);
  if (claimed === undefined) throw new Error('There was nothing to claim.');
  return claimed;
}

const readLines = async (): Promise<string[]> =>
  (await test.request('GET', '/metrics')).body.split('\n').filter((line) => line.startsWith('earshot_'));

describe('metrics of long work', () => {
  it('tell what is open, by action and status, and how long the oldest has waited', async () => {
    await open();
    await enqueue('ingest');
    await claimOne('ingest');
    nowMs += 30_000;
    await enqueue('transcribe');
    nowMs += 2500;
    await enqueue('transcribe');
    nowMs += 1000;
    const lines = await readLines();
    for (const line of [
      'earshot_queue_open_requests 3',
      'earshot_requests{action="ingest",status="running"} 1',
      'earshot_requests{action="ingest",status="queued"} 0',
      'earshot_requests{action="transcribe",status="queued"} 2',
      'earshot_requests{action="transcribe",status="retrying"} 0',
      'earshot_requests_oldest_waiting_seconds{action="ingest"} 0',
      'earshot_requests_oldest_waiting_seconds{action="transcribe"} 3.5',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('forget what has ended', async () => {
    await open();
    const { requestId } = await enqueue('ingest');
    expect(await readLines()).toContain('earshot_requests{action="ingest",status="queued"} 1');
    await test.ports.queue.cancel(requestId);
    nowMs += 1000;
    expect(await readLines()).toContain('earshot_requests{action="ingest",status="queued"} 0');
  });

  it('count ends, retries and durations, each end once', async () => {
    await open();
    const { queue } = test.ports;
    expect(await readLines()).toContain(
      'earshot_requests_finished_total{action="ingest",status="completed"} 0',
    );
    await enqueue('ingest');
    const first = await claimOne('ingest');
    nowMs += 100;
    await queue.fail(first.lease, BROKEN, nowMs);
    const second = await claimOne('ingest');
    nowMs += 1500;
    await queue.complete(second.lease, null);
    await enqueue('ingest');
    await queue.fail((await claimOne('ingest')).lease, BROKEN);
    const { requestId } = await enqueue('transcribe');
    await queue.cancel(requestId);
    await queue.cancel(requestId);
    const lines = await readLines();
    for (const line of [
      'earshot_request_retries_total{action="ingest"} 1',
      'earshot_request_retries_total{action="transcribe"} 0',
      'earshot_requests_finished_total{action="ingest",status="completed"} 1',
      'earshot_requests_finished_total{action="ingest",status="failed"} 1',
      'earshot_requests_finished_total{action="transcribe",status="cancelled"} 1',
      'earshot_request_duration_seconds_bucket{le="0.5",action="ingest",status="completed"} 0',
      'earshot_request_duration_seconds_bucket{le="2",action="ingest",status="completed"} 1',
      'earshot_request_duration_seconds_sum{action="ingest",status="completed"} 1.5',
      'earshot_request_duration_seconds_count{action="ingest",status="failed"} 1',
    ]) {
      expect(lines).toContain(line);
    }
    // It was never begun.
    expect(lines.join()).not.toContain('duration_seconds_count{action="transcribe"');
  });

  it('name no action that is not registered, however many were queued', async () => {
    await open();
    for (const name of ['older', 'oldest']) {
      await enqueue(name);
      await test.ports.queue.cancel((await enqueue(name)).requestId);
    }
    const lines = await readLines();
    expect(lines).toContain('earshot_requests{action="other",status="queued"} 2');
    expect(lines).toContain('earshot_requests_finished_total{action="other",status="cancelled"} 2');
    expect(lines.join()).not.toMatch(/="old/);
  });

  it('ask the queue once for all who read within a second', async () => {
    let asked = 0;
    const queue = createMemoryRequestQueue({ clock: () => nowMs, newId: () => 'one' });
    const tallyOpen = async () => {
      asked += 1;
      return queue.tallyOpen();
    };
    await open({ queue: { ...queue, tallyOpen } });
    for (let at = 0; at < 5; at += 1) await readLines();
    expect(asked).toBe(1);
    nowMs += 1000;
    await readLines();
    expect(asked).toBe(2);
  });
});
