import { describe, expect, it } from 'vitest';
import { FAILURE, LEASE_MS, newRequest, useQueue, type OpenQueue } from './request-queue-harness.ts';

const MANY = 1000;
const OTHERS = ['ben', 'carl', 'dora', 'emil'];

/** Users take turns. */
export function describeRequestQueueTurns(name: string, open: OpenQueue): void {
  describe(`RequestQueue, between users: ${name}`, () => {
    const test = useQueue(open);
    const claimUsers = async (limit: number): Promise<string[]> =>
      (await test.queue.claim(['ingest'], 60 * LEASE_MS, limit)).map(({ request }) => request.userId);

    async function enqueueMany(): Promise<void> {
      const numbers = Array.from({ length: MANY }, (_, number) => number);
      for (let at = 0; at < MANY; at += 50) {
        const some = numbers.slice(at, at + 50);
        await Promise.all(some.map((number) => test.queue.enqueue(newRequest(`anna-${number}`))));
        test.nowMs += 1;
      }
      for (const userId of OTHERS) await test.queue.enqueue(newRequest(userId, { userId }));
    }

    it('who has one request is not behind another’s thousand, claimed one by one or many at once', async () => {
      await enqueueMany();
      const users: string[] = [];
      for (const limit of [1, 1, 3, 100]) users.push(...(await claimUsers(limit)));
      expect(users).toHaveLength(105);
      expect(users.slice(0, OTHERS.length + 1).sort()).toEqual(['anna', ...OTHERS]);
      expect(new Set(users.slice(OTHERS.length + 1))).toEqual(new Set(['anna']));
    });

    it('takes turns with those who come later, and with those who come back', async () => {
      await Promise.all([1, 2, 3, 4, 5, 6].map((number) => test.queue.enqueue(newRequest(`anna-${number}`))));
      expect(await claimUsers(2)).toEqual(['anna', 'anna']);
      for (const id of ['ben-1', 'ben-2']) await test.queue.enqueue(newRequest(id, { userId: 'ben' }));
      // What an instance keeps in mind for a second is over.
      test.nowMs += 1000;
      expect(await claimUsers(3)).toEqual(['ben', 'anna', 'ben']);
      expect(await claimUsers(9)).toEqual(['anna', 'anna', 'anna']);
    });

    it('also takes turns with what is to be tried again, a user’s oldest first', async () => {
      for (let number = 0; number < 20; number += 1) await test.queue.enqueue(newRequest(`anna-${number}`));
      for (const { lease } of await test.queue.claim(['ingest'], LEASE_MS, 20)) {
        await test.queue.fail(lease, FAILURE, test.nowMs + 500);
      }
      await test.queue.enqueue(newRequest('anna-new'));
      await test.queue.enqueue(newRequest('ben', { userId: 'ben' }));
      test.nowMs += 1000;
      const claims = await test.queue.claim(['ingest'], LEASE_MS, 22);
      const ids = claims.map(({ request }) => request.requestId);
      expect(ids.indexOf('ben')).toBeLessThanOrEqual(1);
      const annas = Array.from({ length: 20 }, (_, number) => `anna-${number}`);
      expect(ids.filter((id) => id !== 'ben')).toEqual([...annas, 'anna-new']);
    });

    it('counts a turn for one action in the others too', async () => {
      for (const action of ['ingest', 'transcribe']) {
        for (const userId of ['anna', 'ben']) {
          await test.queue.enqueue(newRequest(`${userId}-${action}`, { userId, action }));
        }
      }
      const [first] = await test.queue.claim(['ingest'], LEASE_MS, 1);
      test.nowMs += 1000;
      const [second] = await test.queue.claim(['transcribe', 'dance'], LEASE_MS, 1);
      expect([first?.request.userId, second?.request.userId]).toEqual(['anna', 'ben']);
    });

    it('claims many at once, each once', async () => {
      for (let at = 0; at < 300; at += 50) {
        const ids = Array.from({ length: 50 }, (_, number) => `r${at + number}`);
        const requests = ids.map((id, number) => newRequest(id, { userId: `user-${number % 7}` }));
        await Promise.all(requests.map((request) => test.queue.enqueue(request)));
      }
      const another = test.openAnother();
      const claims = await Promise.all([
        test.queue.claim(['ingest'], LEASE_MS, 120),
        another.claim(['ingest'], LEASE_MS, 120),
        test.queue.claim(['ingest'], LEASE_MS, 120),
      ]);
      const ids = claims.flat().map(({ request }) => request.requestId);
      expect(new Set(ids).size).toBe(300);
      expect(ids).toHaveLength(300);
      for (const { request, lease } of claims.flat()) {
        expect(lease.requestId).toBe(request.requestId);
        expect(request).toMatchObject({ status: 'PROCESSING', seq: 2, attempt: 1 });
      }
      await test.claimNothing();
    });
  });
}
