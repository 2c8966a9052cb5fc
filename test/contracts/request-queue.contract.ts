import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock, NewId } from '../../src/domain/clock.ts';
import type { ClaimedRequest, NewRequest, RequestFailure, RequestQueue } from '../../src/domain/request.ts';
import { START_MS } from '../sample-records.ts';

export interface OpenRequestQueue {
  readonly queue: RequestQueue;
  readonly close?: () => Promise<void> | void;
}

export type OpenQueue = (options: {
  clock: Clock;
  newId: NewId;
}) => OpenRequestQueue | Promise<OpenRequestQueue>;

export const newRequest = (requestId: string, change: Partial<NewRequest> = {}): NewRequest => ({
  requestId,
  action: 'ingest',
  payload: {},
  userId: 'anna',
  tenantId: 'default',
  maxRetries: 3,
  ...change,
});

const LEASE_MS = 1000;
const FAILURE: RequestFailure = {
  code: 'storage_unavailable',
  message: 'The disk is away.',
  retryable: true,
};

export function describeRequestQueueContract(name: string, open: OpenQueue): void {
  describe(`RequestQueue: ${name}`, () => {
    let nowMs = START_MS;
    let opened: OpenRequestQueue;
    let queue: RequestQueue;

    beforeEach(async () => {
      nowMs = START_MS;
      let tokens = 0;
      opened = await open({ clock: () => nowMs, newId: () => `token-${(tokens += 1)}` });
      queue = opened.queue;
    });
    afterEach(() => opened.close?.());

    const claim = async (): Promise<ClaimedRequest> => {
      const [claimed] = await queue.claim(['ingest'], LEASE_MS, 1);
      if (claimed === undefined) throw new Error('nothing to claim');
      return claimed;
    };
    const begin = async (change: Partial<NewRequest> = {}): Promise<ClaimedRequest> => {
      await queue.enqueue(newRequest('1', change));
      return claim();
    };

    it('enqueues a request that waits', async () => {
      const payload = { upload_key: 'uploads/1', nested: [1, null, { ok: true }] };
      const enqueued = await queue.enqueue(newRequest('1', { payload }));
      expect(enqueued).toEqual({
        ...newRequest('1', { payload }),
        status: 'PENDING',
        progress: 0,
        progressMessage: '',
        retryCount: 0,
        visibleAtMs: START_MS,
        attempt: 0,
        seq: 1,
        createdAtMs: START_MS,
      });
      expect(await queue.find('1')).toEqual(enqueued);
      expect(await queue.find('2')).toBeNull();
      payload.nested.length = 0;
      expect((await queue.find('1'))?.payload).toEqual({
        upload_key: 'uploads/1',
        nested: [1, null, { ok: true }],
      });
    });

    it('keeps an id to one request', async () => {
      const outcomes = await Promise.allSettled([1, 2, 3].map(() => queue.enqueue(newRequest('1'))));
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'already_exists' });
      }
    });

    it('gives the oldest of the actions asked for, each to one claimer', async () => {
      await queue.enqueue(newRequest('a', { action: 'transcribe' }));
      for (const id of ['z', 'b', 'y']) await queue.enqueue(newRequest(id));
      const claims = await Promise.all([1, 2, 3, 4].map(() => queue.claim(['ingest'], LEASE_MS, 1)));
      expect(claims.map(([claimed]) => claimed?.request.requestId)).toEqual(['z', 'b', 'y', undefined]);
      expect(new Set(claims.map(([claimed]) => claimed?.lease.token)).size).toBe(4);
      expect(await queue.claim([], LEASE_MS, 1)).toEqual([]);
      expect((await queue.claim(['x', 'transcribe'], LEASE_MS, 1))[0]?.request.requestId).toBe('a');
    });

    it('tells the claimer what it has', async () => {
      await queue.enqueue(newRequest('1'));
      nowMs += 5;
      const { request, lease } = await claim();
      expect(lease).toEqual({ requestId: '1', token: 'token-1', untilMs: nowMs + LEASE_MS });
      expect(request).toMatchObject({
        status: 'PROCESSING',
        attempt: 1,
        seq: 2,
        leaseUntilMs: nowMs + LEASE_MS,
        startedAtMs: nowMs,
      });
      expect(await queue.find('1')).toEqual(request);
    });

    it('completes', async () => {
      const { lease } = await begin();
      nowMs += 5;
      const completed = await queue.complete(lease, { filename: 'a.mp3' });
      expect(completed).toMatchObject({
        status: 'COMPLETED',
        progress: 100,
        result: { filename: 'a.mp3' },
        endedAtMs: nowMs,
        seq: 3,
      });
      expect(completed.leaseUntilMs).toBeUndefined();
      expect(await queue.find('1')).toEqual(completed);
      nowMs += 10 * LEASE_MS;
      expect(await queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
    });

    it('keeps a result of null', async () => {
      const { lease } = await begin();
      await queue.complete(lease, null);
      expect((await queue.find('1'))?.result).toBeNull();
    });

    it('never lets progress fall within an attempt', async () => {
      const { lease } = await begin();
      await queue.progress(lease, { percentage: 40.5, message: 'encoding' });
      await queue.progress(lease, { percentage: 10, message: 'measuring' });
      expect(await queue.find('1')).toMatchObject({ progress: 40.5, progressMessage: 'measuring', seq: 4 });
      await queue.progress(lease, { percentage: 1000, message: 'over' });
      expect((await queue.find('1'))?.progress).toBe(100);
      await queue.fail(lease, FAILURE, nowMs);
      expect((await claim()).request).toMatchObject({ progress: 0, progressMessage: '' });
    });

    it('retries when it is time, as often as it may', async () => {
      let { lease } = await begin({ maxRetries: 2 });
      for (const retryCount of [1, 2]) {
        const retrying = await queue.fail(lease, FAILURE, nowMs + 500);
        expect(retrying).toMatchObject({
          status: 'RETRYING',
          retryCount,
          visibleAtMs: nowMs + 500,
          error: FAILURE,
        });
        expect(retrying.endedAtMs).toBeUndefined();
        nowMs += 499;
        expect(await queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
        nowMs += 1;
        const again = await claim();
        expect(again.request).toMatchObject({ attempt: retryCount + 1, retryCount });
        lease = again.lease;
      }
      const failed = await queue.fail(lease, FAILURE, nowMs + 500);
      expect(failed).toMatchObject({ status: 'FAILED', retryCount: 2, error: FAILURE, endedAtMs: nowMs });
      expect(await queue.find('1')).toEqual(failed);
    });

    it('fails at once when no time for another try is given', async () => {
      const { lease } = await begin();
      expect(await queue.fail(lease, FAILURE)).toMatchObject({ status: 'FAILED', retryCount: 0 });
    });

    it('gives a request whose lease has run out to another, and nothing to the one before', async () => {
      const first = await begin();
      nowMs += LEASE_MS - 1;
      expect(await queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
      nowMs += 1;
      const second = await claim();
      expect(second.request).toMatchObject({ requestId: '1', attempt: 2, retryCount: 0 });
      const before = await queue.find('1');
      const writes = await Promise.allSettled([
        queue.renew(first.lease, LEASE_MS),
        queue.progress(first.lease, { percentage: 50, message: 'late' }),
        queue.complete(first.lease, {}),
        queue.fail(first.lease, FAILURE, nowMs),
        queue.fail(first.lease, FAILURE),
      ]);
      for (const write of writes) {
        expect(write).toMatchObject({ status: 'rejected', reason: { code: 'lease_lost' } });
      }
      expect(await queue.find('1')).toEqual(before);
      await queue.complete(second.lease, {});
    });

    it('takes a late write when nobody else has claimed', async () => {
      const { lease } = await begin();
      nowMs += 5 * LEASE_MS;
      const renewed = await queue.renew(lease, LEASE_MS);
      expect(renewed).toEqual({ ...lease, untilMs: nowMs + LEASE_MS });
      expect(await queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
      nowMs += 5 * LEASE_MS;
      expect(await queue.complete(renewed, {})).toMatchObject({ status: 'COMPLETED' });
    });

    it('holds a request as long as its lease is renewed', async () => {
      let { lease } = await begin();
      for (let turn = 0; turn < 5; turn += 1) {
        nowMs += LEASE_MS - 1;
        lease = await queue.renew(lease, LEASE_MS);
        expect(await queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
      }
      expect(await queue.find('1')).toMatchObject({ leaseUntilMs: nowMs + LEASE_MS, seq: 2 });
    });

    it('refuses every write after the end, and of tokens that never were', async () => {
      const { lease } = await begin();
      const forged = { ...lease, token: 'forged' };
      await expect(queue.complete(forged, {})).rejects.toMatchObject({ code: 'lease_lost' });
      const unknown = { ...lease, requestId: 'unknown' };
      await expect(queue.complete(unknown, {})).rejects.toMatchObject({ code: 'lease_lost' });
      const ended = await queue.complete(lease, {});
      await expect(queue.fail(lease, FAILURE, nowMs)).rejects.toMatchObject({ code: 'lease_lost' });
      await expect(queue.renew(lease, LEASE_MS)).rejects.toMatchObject({ code: 'lease_lost' });
      expect(await queue.find('1')).toEqual(ended);
    });

    it('gives up a request whose lease ran out more often than it may be retried', async () => {
      await queue.enqueue(newRequest('poison', { maxRetries: 1 }));
      await queue.enqueue(newRequest('good'));
      expect((await claim()).request.requestId).toBe('poison');
      nowMs += LEASE_MS;
      expect((await claim()).request).toMatchObject({ requestId: 'poison', attempt: 2 });
      nowMs += LEASE_MS;
      expect((await claim()).request.requestId).toBe('good');
      expect(await queue.find('poison')).toMatchObject({
        status: 'FAILED',
        error: { code: 'internal', retryable: false },
        attempt: 2,
        endedAtMs: nowMs,
      });
    });

    it('takes a request back that was released, however often, at no cost of an attempt', async () => {
      await queue.enqueue(newRequest('r', { maxRetries: 0 }));
      for (let stops = 0; stops < 5; stops += 1) {
        const { lease } = await claim();
        await queue.progress(lease, { percentage: 40, message: 'on the way' });
        expect(await queue.release(lease)).toMatchObject({ status: 'PENDING', attempt: 0, retryCount: 0 });
        await expect(queue.renew(lease, LEASE_MS)).rejects.toMatchObject({ code: 'lease_lost' });
        await expect(queue.release(lease)).rejects.toMatchObject({ code: 'lease_lost' });
      }
      const { request, lease } = await claim();
      expect(request).toMatchObject({ status: 'PROCESSING', attempt: 1, progress: 0 });
      expect(await queue.complete(lease, {})).toMatchObject({ status: 'COMPLETED' });
    });

    it('counts what is open and deletes what ended long ago', async () => {
      for (const id of ['1', '2', '3', '4']) await queue.enqueue(newRequest(id));
      expect(await queue.countOpen()).toBe(4);
      for (const _ of [1, 2, 3]) {
        await queue.complete((await claim()).lease, {});
        nowMs += 10;
      }
      await claim();
      expect(await queue.countOpen()).toBe(1);
      expect(await queue.deleteEnded(START_MS, 10)).toBe(0);
      expect(await queue.deleteEnded(START_MS + 11, 10)).toBe(2);
      expect(await queue.find('1')).toBeNull();
      expect(await queue.deleteEnded(nowMs + 99, 0)).toBe(0);
      expect(await queue.deleteEnded(nowMs + 99, 1)).toBe(1);
      expect(await queue.deleteEnded(nowMs + 99, 10)).toBe(0);
      expect((await queue.find('4'))?.status).toBe('PROCESSING');
    });
  });
}
