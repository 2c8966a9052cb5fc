import { describe, expect, it } from 'vitest';
import type { AsyncRequest } from '../../src/domain/request.ts';
import { FAILURE, LEASE_MS, newRequest, useQueue, type OpenQueue } from './request-queue-harness.ts';

/** Who has a request, and for how long. */
export function describeRequestQueueLeases(name: string, open: OpenQueue): void {
  describe(`RequestQueue, leases: ${name}`, () => {
    const test = useQueue(open);
    const { begin, claim } = test;

    it('gives a request whose lease has run out to another, and nothing to the one before', async () => {
      const first = await begin();
      test.nowMs += LEASE_MS - 1;
      expect(await test.queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
      test.nowMs += 1;
      const second = await claim();
      expect(second.request).toMatchObject({ requestId: '1', attempt: 2, retryCount: 0 });
      const before = await test.queue.find('1');
      const writes = await Promise.allSettled([
        test.queue.renew(first.lease, LEASE_MS),
        test.queue.progress(first.lease, { percentage: 50, message: 'late' }),
        test.queue.complete(first.lease, {}),
        test.queue.fail(first.lease, FAILURE, test.nowMs),
        test.queue.fail(first.lease, FAILURE),
      ]);
      for (const write of writes) {
        expect(write).toMatchObject({ status: 'rejected', reason: { code: 'lease_lost' } });
      }
      expect(await test.queue.find('1')).toEqual(before);
      await test.queue.complete(second.lease, {});
    });

    it('takes a late write when nobody else has claimed', async () => {
      const { lease } = await begin();
      test.nowMs += 5 * LEASE_MS;
      const renewed = await test.queue.renew(lease, LEASE_MS);
      expect(renewed).toEqual({ ...lease, untilMs: test.nowMs + LEASE_MS });
      expect(await test.queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
      test.nowMs += 5 * LEASE_MS;
      expect(await test.queue.complete(renewed, {})).toMatchObject({ status: 'COMPLETED' });
    });

    it('holds a request as long as its lease is renewed', async () => {
      let { lease } = await begin();
      for (let turn = 0; turn < 5; turn += 1) {
        test.nowMs += LEASE_MS - 1;
        lease = await test.queue.renew(lease, LEASE_MS);
        expect(await test.queue.claim(['ingest'], LEASE_MS, 1)).toEqual([]);
      }
      expect(await test.queue.find('1')).toMatchObject({ leaseUntilMs: test.nowMs + LEASE_MS, seq: 2 });
    });

    it('refuses every write after the end, and of tokens that never were', async () => {
      const { lease } = await begin();
      const forged = { ...lease, token: 'forged' };
      await expect(test.queue.complete(forged, {})).rejects.toMatchObject({ code: 'lease_lost' });
      const unknown = { ...lease, requestId: 'unknown' };
      await expect(test.queue.complete(unknown, {})).rejects.toMatchObject({ code: 'lease_lost' });
      const ended = await test.queue.complete(lease, {});
      await expect(test.queue.fail(lease, FAILURE, test.nowMs)).rejects.toMatchObject({ code: 'lease_lost' });
      await expect(test.queue.renew(lease, LEASE_MS)).rejects.toMatchObject({ code: 'lease_lost' });
      expect(await test.queue.find('1')).toEqual(ended);
    });

    it('gives up a request whose lease ran out more often than it may be retried', async () => {
      await test.queue.enqueue(newRequest('poison', { maxRetries: 1 }));
      await test.queue.enqueue(newRequest('good'));
      expect((await claim()).request.requestId).toBe('poison');
      test.nowMs += LEASE_MS;
      expect((await claim()).request).toMatchObject({ requestId: 'poison', attempt: 2 });
      test.nowMs += LEASE_MS;
      const givenUp: AsyncRequest[] = [];
      const [good] = await test.queue.claim(['ingest'], LEASE_MS, 5, (request) => givenUp.push(request));
      expect(good?.request.requestId).toBe('good');
      expect(givenUp).toEqual([await test.queue.find('poison')]);
      expect(givenUp[0]).toMatchObject({
        status: 'FAILED',
        error: {
          code: 'internal',
          retryable: false,
          attempts: [{ attempt: 2, atMs: test.nowMs, code: 'internal' }],
        },
        attempt: 2,
        endedAtMs: test.nowMs,
      });
    });

    it('takes a request back that was released, however often, at no cost of an attempt', async () => {
      await test.queue.enqueue(newRequest('r', { maxRetries: 0 }));
      for (let stops = 0; stops < 5; stops += 1) {
        const { lease } = await claim();
        await test.queue.progress(lease, { percentage: 40, message: 'on the way' });
        expect(await test.queue.release(lease)).toMatchObject({
          status: 'PENDING',
          attempt: 0,
          retryCount: 0,
        });
        await expect(test.queue.renew(lease, LEASE_MS)).rejects.toMatchObject({ code: 'lease_lost' });
        await expect(test.queue.release(lease)).rejects.toMatchObject({ code: 'lease_lost' });
      }
      const { request, lease } = await claim();
      expect(request).toMatchObject({ status: 'PROCESSING', attempt: 1, progress: 0 });
      expect(await test.queue.complete(lease, {})).toMatchObject({ status: 'COMPLETED' });
    });
  });
}
