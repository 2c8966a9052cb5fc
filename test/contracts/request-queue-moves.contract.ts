import { describe, expect, it } from 'vitest';
import type { RequestStatus } from '../../src/domain/request.ts';
import { FAILURE, LEASE_MS, newRequest, useQueue, type OpenQueue } from './request-queue-harness.ts';

/** What is done to a request without its lease: cancelled, retried, moved, deleted. */
export function describeRequestQueueMoves(name: string, open: OpenQueue): void {
  describe(`RequestQueue, moved by others than its worker: ${name}`, () => {
    const test = useQueue(open);
    const { begin, claim, claimNothing } = test;

    /** A request in this status. */
    async function inStatus(status: RequestStatus, id: string): Promise<void> {
      const { queue } = test;
      await queue.enqueue(newRequest(id));
      if (status === 'PENDING') return;
      if (status === 'CANCELLED') return void (await queue.cancel(id));
      const { lease } = await claim();
      if (status === 'COMPLETED') await queue.complete(lease, { done: true });
      if (status === 'FAILED') await queue.fail(lease, FAILURE);
      if (status === 'RETRYING') await queue.fail(lease, FAILURE, test.nowMs + 60_000);
    }

    it.each(['PENDING', 'RETRYING'] as const)('cancels one that is %s, once', async (status) => {
      const { queue } = test;
      await inStatus(status, '1');
      const before = await queue.find('1');
      test.nowMs += 5;
      const cancelled = await queue.cancel('1');
      expect(cancelled).toMatchObject({ status: 'CANCELLED', endedAtMs: test.nowMs, seq: before!.seq + 1 });
      expect(await queue.find('1')).toEqual(cancelled);
      test.nowMs += 60_000;
      expect(await queue.cancel('1')).toEqual(cancelled);
      expect(await queue.find('1')).toEqual(cancelled);
      await claimNothing();
      expect(await queue.countOpen()).toBe(0);
    });

    it('cancels one that is worked on: the worker loses its lease with the next write', async () => {
      const { queue } = test;
      const { lease } = await begin();
      await queue.progress(lease, { percentage: 40, message: 'encoding' });
      const cancelled = await queue.cancel('1');
      expect(cancelled).toMatchObject({ status: 'CANCELLED', progress: 40, progressMessage: 'encoding' });
      const writes = await Promise.allSettled([
        queue.renew(lease, LEASE_MS),
        queue.progress(lease, { percentage: 50, message: 'late' }),
        queue.complete(lease, {}),
        queue.fail(lease, FAILURE),
        queue.fail(lease, FAILURE, test.nowMs),
        queue.release(lease),
      ]);
      for (const write of writes) {
        expect(write).toMatchObject({ status: 'rejected', reason: { code: 'lease_lost' } });
      }
      expect(await queue.find('1')).toEqual(cancelled);
      test.nowMs += LEASE_MS;
      await claimNothing();
    });

    it('refuses to cancel what has ended otherwise, and what there is not', async () => {
      const { queue } = test;
      await inStatus('COMPLETED', 'c');
      await inStatus('FAILED', 'f');
      for (const id of ['c', 'f']) {
        const before = await queue.find(id);
        await expect(queue.cancel(id)).rejects.toMatchObject({ code: 'conflict' });
        expect(await queue.find(id)).toEqual(before);
      }
      for (const id of ['nobody', 'x'.repeat(3000)]) {
        await expect(queue.cancel(id)).rejects.toMatchObject({ code: 'not_found' });
      }
    });

    it('retries what has failed as on its first day', async () => {
      const { queue } = test;
      let { lease } = await begin({ maxRetries: 1 });
      await queue.fail(lease, FAILURE, test.nowMs);
      ({ lease } = await claim());
      await queue.progress(lease, { percentage: 70, message: 'nearly', details: { phase: 3 } });
      const failed = await queue.fail(lease, FAILURE, test.nowMs);
      expect(failed).toMatchObject({ status: 'FAILED', retryCount: 1, attempt: 2 });
      test.nowMs += 5;
      const retried = await queue.retry('1');
      expect(retried).toEqual({
        ...newRequest('1', { maxRetries: 1 }),
        status: 'PENDING',
        progress: 0,
        progressMessage: '',
        retryCount: 0,
        visibleAtMs: test.nowMs,
        attempt: 0,
        seq: failed.seq + 1,
        createdAtMs: failed.createdAtMs,
      });
      expect(await queue.find('1')).toEqual(retried);
      ({ lease } = await claim());
      expect(await queue.fail(lease, FAILURE, test.nowMs)).toMatchObject({ status: 'RETRYING', attempt: 1 });
      ({ lease } = await claim());
      expect(await queue.complete(lease, {})).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    });

    it('gives a request that was cancelled and retried to nobody before the old lease has run out', async () => {
      const { queue } = test;
      const { lease } = await begin();
      // However often it goes to and fro.
      for (const _ of [1, 2]) {
        test.nowMs += 10;
        await queue.cancel('1');
        expect(await queue.retry('1')).toMatchObject({ status: 'PENDING', visibleAtMs: lease.untilMs });
        await claimNothing();
      }
      test.nowMs = lease.untilMs - 1;
      await claimNothing();
      await expect(queue.complete(lease, {})).rejects.toMatchObject({ code: 'lease_lost' });
      test.nowMs += 1;
      const again = await claim();
      expect(again.request).toMatchObject({ requestId: '1', attempt: 1 });
      expect(again.lease.token).not.toBe(lease.token);
      await expect(queue.complete(lease, {})).rejects.toMatchObject({ code: 'lease_lost' });
      await queue.complete(again.lease, {});
    });

    it('retries at once what was cancelled while nobody had it, or long ago', async () => {
      const { queue } = test;
      await inStatus('CANCELLED', 'waiting');
      await queue.retry('waiting');
      expect((await claim()).request.requestId).toBe('waiting');
      await queue.cancel('waiting');
      test.nowMs += 2 * LEASE_MS;
      expect(await queue.retry('waiting')).toMatchObject({ visibleAtMs: test.nowMs });
      expect((await claim()).request.requestId).toBe('waiting');
    });

    it.each(['PENDING', 'PROCESSING', 'RETRYING', 'COMPLETED'] as const)(
      'refuses to retry one that is %s',
      async (status) => {
        const { queue } = test;
        await inStatus(status, '1');
        const before = await queue.find('1');
        await expect(queue.retry('1')).rejects.toMatchObject({ code: 'conflict' });
        expect(await queue.find('1')).toEqual(before);
        await expect(queue.retry('nobody')).rejects.toMatchObject({ code: 'not_found' });
      },
    );

    it.each([
      ['PENDING', 'CANCELLED'],
      ['RETRYING', 'CANCELLED'],
      ['PROCESSING', 'CANCELLED'],
      ['PROCESSING', 'PENDING'],
      ['FAILED', 'PENDING'],
      ['CANCELLED', 'PENDING'],
    ] as const)('moves from %s to %s, where it is so', async (from, to) => {
      const { queue } = test;
      await inStatus(from, '1');
      const before = await queue.find('1');
      const wrong = from === 'PENDING' ? 'RETRYING' : 'PENDING';
      await expect(queue.updateStatus('1', wrong, to)).rejects.toMatchObject({ code: 'conflict' });
      expect(await queue.find('1')).toEqual(before);
      const moved = await queue.updateStatus('1', from, to);
      expect(moved).toMatchObject({ status: to, seq: before!.seq + 1 });
      expect(await queue.find('1')).toEqual(moved);
      await expect(queue.updateStatus('1', from, to)).rejects.toMatchObject({ code: 'conflict' });
    });

    it('knows no other moves', async () => {
      const { queue } = test;
      const moves = [
        ['PENDING', 'PROCESSING'],
        ['PENDING', 'PENDING'],
        ['PENDING', 'COMPLETED'],
        ['PROCESSING', 'COMPLETED'],
        ['PROCESSING', 'FAILED'],
        ['RETRYING', 'PENDING'],
        ['COMPLETED', 'PENDING'],
        ['COMPLETED', 'CANCELLED'],
        ['FAILED', 'CANCELLED'],
        ['FAILED', 'COMPLETED'],
        ['CANCELLED', 'CANCELLED'],
      ] as const;
      for (const [from, to] of moves) {
        const id = `${from}-${to}`;
        await inStatus(from, id);
        const before = await queue.find(id);
        expect(before?.status).toBe(from);
        await expect(queue.updateStatus(id, from, to)).rejects.toMatchObject({ code: 'conflict' });
        expect(await queue.find(id)).toEqual(before);
        await queue.delete(id);
      }
      const nobody = queue.updateStatus('nobody', 'PENDING', 'CANCELLED');
      await expect(nobody).rejects.toMatchObject({ code: 'not_found' });
    });

    it('takes a request from its worker, at no cost of an attempt, and gives it out when the lease is over', async () => {
      const { queue } = test;
      const { lease } = await begin({ maxRetries: 0 });
      expect(await queue.updateStatus('1', 'PROCESSING', 'PENDING')).toMatchObject({ attempt: 0 });
      await expect(queue.complete(lease, {})).rejects.toMatchObject({ code: 'lease_lost' });
      await claimNothing();
      test.nowMs = lease.untilMs;
      expect((await claim()).request).toMatchObject({ requestId: '1', attempt: 1 });
    });

    it('lets one of several have it, whatever they do at once', async () => {
      const [one, two] = [test.queue, test.openAnother()];
      for (let round = 0; round < 10; round += 1) {
        const id = `r${round}`;
        await one.enqueue(newRequest(id));
        const [byOne, byTwo, cancelled] = await Promise.allSettled([
          one.claim(['ingest'], LEASE_MS, 1),
          two.claim(['ingest'], LEASE_MS, 1),
          (round % 2 === 0 ? one : two).cancel(id),
        ]);
        expect(cancelled).toMatchObject({ status: 'fulfilled', value: { status: 'CANCELLED' } });
        const claims = [byOne, byTwo].flatMap((claimed) =>
          claimed.status === 'fulfilled' ? claimed.value : [],
        );
        expect(claims.length).toBeLessThanOrEqual(1);
        for (const { lease } of claims) {
          await expect(two.complete(lease, {})).rejects.toMatchObject({ code: 'lease_lost' });
        }
        const outcomes = await Promise.allSettled([one.retry(id), two.retry(id), one.retry(id)]);
        const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
        expect(refused).toHaveLength(2);
        for (const outcome of refused) expect(outcome.reason).toMatchObject({ code: 'conflict' });
        const seq = 3 + claims.length;
        expect(await two.find(id)).toMatchObject({ status: 'PENDING', seq, attempt: 0 });
        await two.delete(id);
      }
    });

    it('lets a worker end its request, or another cancel it, and not both', async () => {
      const [one, two] = [test.queue, test.openAnother()];
      for (let round = 0; round < 10; round += 1) {
        const { lease } = await begin({ requestId: `r${round}` });
        const [completed, cancelled] = await Promise.allSettled(
          round % 2 === 0
            ? [one.complete(lease, {}), two.cancel(lease.requestId)]
            : [two.cancel(lease.requestId), one.complete(lease, {})].reverse(),
        );
        const { status } = (await one.find(lease.requestId))!;
        expect([completed?.status, cancelled?.status, status]).toEqual(
          status === 'COMPLETED'
            ? ['fulfilled', 'rejected', 'COMPLETED']
            : ['rejected', 'fulfilled', 'CANCELLED'],
        );
      }
    });

    it('deletes, whatever the status, and leaves its worker nothing', async () => {
      const { queue } = test;
      const { lease } = await begin();
      await queue.delete('1');
      await queue.delete('1');
      await queue.delete('x'.repeat(3000));
      expect(await queue.find('1')).toBeNull();
      const writes = [queue.renew(lease, LEASE_MS), queue.complete(lease, {}), queue.release(lease)];
      for (const write of await Promise.allSettled(writes)) {
        expect(write).toMatchObject({ status: 'rejected', reason: { code: 'lease_lost' } });
      }
      expect(await queue.find('1')).toBeNull();
      await queue.enqueue(newRequest('1'));
      await expect(queue.complete(lease, {})).rejects.toMatchObject({ code: 'lease_lost' });
      await queue.delete('1');
      await claimNothing();
    });
  });
}
