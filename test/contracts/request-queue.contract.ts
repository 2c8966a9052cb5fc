import { describe, expect, it } from 'vitest';
import { FAILURE, LEASE_MS, newRequest, useQueue, type OpenQueue } from './request-queue-harness.ts';
import { describeRequestQueueLeases } from './request-queue-leases.contract.ts';
import { describeRequestQueueLists } from './request-queue-list.contract.ts';
import { describeRequestQueueMoves } from './request-queue-moves.contract.ts';
import { describeRequestQueueTurns } from './request-queue-turns.contract.ts';
import { START_MS } from '../sample-records.ts';

/** Everything that the port says, part by part. */
export function describeRequestQueueContract(name: string, open: OpenQueue): void {
  describeRequestQueueWork(name, open);
  describeRequestQueueLeases(name, open);
  describeRequestQueueMoves(name, open);
  describeRequestQueueLists(name, open);
  describeRequestQueueTurns(name, open);
}

function describeRequestQueueWork(name: string, open: OpenQueue): void {
  describe(`RequestQueue: ${name}`, () => {
    const test = useQueue(open);
    const { begin, claim } = test;

    it('enqueues a request that waits', async () => {
      const payload = { upload_key: 'uploads/1', nested: [1, null, { ok: true }] };
      const enqueued = await test.queue.enqueue(newRequest('1', { payload }));
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
      expect(await test.queue.find('1')).toEqual(enqueued);
      expect(await test.queue.find('2')).toBeNull();
      payload.nested.length = 0;
      expect((await test.queue.find('1'))?.payload).toEqual({
        upload_key: 'uploads/1',
        nested: [1, null, { ok: true }],
      });
    });

    it('keeps an id to one request', async () => {
      const outcomes = await Promise.allSettled([1, 2, 3].map(() => test.queue.enqueue(newRequest('1'))));
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'already_exists' });
      }
    });

    it('gives the oldest of the actions asked for, each to one claimer', async () => {
      await test.queue.enqueue(newRequest('a', { action: 'transcribe' }));
      for (const id of ['z', 'b', 'y']) await test.queue.enqueue(newRequest(id));
      const claims = await Promise.all([1, 2, 3, 4].map(() => test.queue.claim(['ingest'], LEASE_MS, 1)));
      expect(claims.map(([claimed]) => claimed?.request.requestId)).toEqual(['z', 'b', 'y', undefined]);
      expect(new Set(claims.map(([claimed]) => claimed?.lease.token)).size).toBe(4);
      expect(await test.queue.claim([], LEASE_MS, 1)).toEqual([]);
      expect(await test.queue.claim(['transcribe'], LEASE_MS, 0)).toEqual([]);
      expect((await test.queue.claim(['x', 'transcribe'], LEASE_MS, 1))[0]?.request.requestId).toBe('a');
    });

    it('tells the claimer what it has', async () => {
      await test.queue.enqueue(newRequest('1'));
      test.nowMs += 5;
      const { request, lease } = await claim();
      expect(lease).toEqual({ requestId: '1', token: 'token-1', untilMs: test.nowMs + LEASE_MS });
      expect(request).toMatchObject({
        status: 'PROCESSING',
        attempt: 1,
        seq: 2,
        leaseUntilMs: test.nowMs + LEASE_MS,
        startedAtMs: test.nowMs,
      });
      expect(await test.queue.find('1')).toEqual(request);
    });

    it('completes', async () => {
      const { lease } = await begin();
      test.nowMs += 5;
      const completed = await test.queue.complete(lease, { filename: 'a.mp3' });
      expect(completed).toMatchObject({
        status: 'COMPLETED',
        progress: 100,
        result: { filename: 'a.mp3' },
        endedAtMs: test.nowMs,
        seq: 3,
      });
      expect(completed.leaseUntilMs).toBeUndefined();
      expect(await test.queue.find('1')).toEqual(completed);
      test.nowMs += 10 * LEASE_MS;
      expect(await test.queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
    });

    it('keeps what the client wants to have back, and what it has come from', async () => {
      const metadata = { card: 'blue', nested: { tries: [1, 2] } };
      const change = { connectionId: 'connection-1', metadata };
      const enqueued = await test.queue.enqueue(newRequest('1', change));
      expect(enqueued).toMatchObject(change);
      metadata.nested.tries.push(3);
      const { request, lease } = await claim();
      const kept = { connectionId: 'connection-1', metadata: { card: 'blue', nested: { tries: [1, 2] } } };
      expect(request).toMatchObject(kept);
      const completed = await test.queue.complete(lease, {});
      expect(completed).toMatchObject(kept);
      expect(await test.queue.find('1')).toEqual(completed);
    });

    it('tells the details of the last step of progress alone, and none of the attempt before', async () => {
      const { lease } = await begin();
      const step = { percentage: 10, message: 'encoding', details: { frames: [1, 2], of: null } };
      const progressed = await test.queue.progress(lease, step);
      expect(progressed).toMatchObject({ progress: 10, progressDetails: step.details, seq: 3 });
      step.details.frames.push(3);
      expect(await test.queue.find('1')).toEqual(progressed);
      expect(progressed.progressDetails).toEqual({ frames: [1, 2], of: null });
      const second = await test.queue.progress(lease, { percentage: 20, message: 'storing' });
      expect(second.progressDetails).toBeUndefined();
      expect((await test.queue.find('1'))?.progressDetails).toBeUndefined();
      await test.queue.progress(lease, { ...step, percentage: 30 });
      await test.queue.fail(lease, FAILURE, test.nowMs);
      expect((await claim()).request.progressDetails).toBeUndefined();
    });

    it('tells each attempt in the failure, and what was wrong with the payload', async () => {
      let { lease } = await begin({ maxRetries: 1 });
      await test.queue.fail(lease, FAILURE, test.nowMs + 5);
      test.nowMs += 5;
      // Of this attempt nothing is heard any more.
      await claim();
      test.nowMs += LEASE_MS;
      ({ lease } = await claim());
      const errors = [{ field: 'payload.language', message: 'There is no such language.' }];
      const failure = { code: 'invalid_input', message: 'Wrong.', retryable: false, errors } as const;
      const failed = await test.queue.fail(lease, failure);
      expect(failed.error).toEqual({
        ...failure,
        attempts: [
          { attempt: 1, atMs: START_MS, code: FAILURE.code, message: FAILURE.message },
          { attempt: 3, atMs: test.nowMs, code: 'invalid_input', message: 'Wrong.' },
        ],
      });
      expect(await test.queue.find('1')).toEqual(failed);
    });

    it('keeps a result of null', async () => {
      const { lease } = await begin();
      await test.queue.complete(lease, null);
      expect((await test.queue.find('1'))?.result).toBeNull();
    });

    it('never lets progress fall within an attempt', async () => {
      const { lease } = await begin();
      await test.queue.progress(lease, { percentage: 40.5, message: 'encoding' });
      await test.queue.progress(lease, { percentage: 10, message: 'measuring' });
      expect(await test.queue.find('1')).toMatchObject({
        progress: 40.5,
        progressMessage: 'measuring',
        seq: 4,
      });
      await test.queue.progress(lease, { percentage: 1000, message: 'over' });
      expect((await test.queue.find('1'))?.progress).toBe(100);
      await test.queue.fail(lease, FAILURE, test.nowMs);
      expect((await claim()).request).toMatchObject({ progress: 0, progressMessage: '' });
    });

    it('retries when it is time, as often as it may', async () => {
      let { lease } = await begin({ maxRetries: 2 });
      for (const retryCount of [1, 2]) {
        const retrying = await test.queue.fail(lease, FAILURE, test.nowMs + 500);
        expect(retrying).toMatchObject({
          status: 'RETRYING',
          retryCount,
          visibleAtMs: test.nowMs + 500,
          error: FAILURE,
        });
        expect(retrying.endedAtMs).toBeUndefined();
        test.nowMs += 499;
        expect(await test.queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
        test.nowMs += 1;
        const again = await claim();
        expect(again.request).toMatchObject({ attempt: retryCount + 1, retryCount });
        lease = again.lease;
      }
      const failed = await test.queue.fail(lease, FAILURE, test.nowMs + 500);
      expect(failed).toMatchObject({
        status: 'FAILED',
        retryCount: 2,
        error: FAILURE,
        endedAtMs: test.nowMs,
      });
      expect(await test.queue.find('1')).toEqual(failed);
    });

    it('fails at once when no time for another try is given', async () => {
      const { lease } = await begin();
      expect(await test.queue.fail(lease, FAILURE)).toMatchObject({ status: 'FAILED', retryCount: 0 });
    });

    it('counts what is open and deletes what ended long ago', async () => {
      for (const id of ['1', '2', '3', '4']) await test.queue.enqueue(newRequest(id));
      expect(await test.queue.countOpen()).toBe(4);
      for (const _ of [1, 2, 3]) {
        await test.queue.complete((await claim()).lease, {});
        test.nowMs += 10;
      }
      await claim();
      expect(await test.queue.countOpen()).toBe(1);
      expect(await test.queue.deleteEnded(START_MS, 10)).toBe(0);
      expect(await test.queue.deleteEnded(START_MS + 11, 10)).toBe(2);
      expect(await test.queue.find('1')).toBeNull();
      expect(await test.queue.deleteEnded(test.nowMs + 99, 0)).toBe(0);
      expect(await test.queue.deleteEnded(test.nowMs + 99, 1)).toBe(1);
      expect(await test.queue.deleteEnded(test.nowMs + 99, 10)).toBe(0);
      expect((await test.queue.find('4'))?.status).toBe('PROCESSING');
    });
  });
}
