import { beforeEach, describe, expect, it } from 'vitest';
import type { Page, PageRequest } from '../../src/domain/page.ts';
import { meetsFilter, type AsyncRequest, type RequestFilter } from '../../src/domain/request.ts';
import { FAILURE, LEASE_MS, newRequest, useQueue, type OpenQueue } from './request-queue-harness.ts';
import { START_MS } from '../sample-records.ts';

const COUNT = 60;

export function describeRequestQueueLists(name: string, open: OpenQueue): void {
  describe(`RequestQueue, asked for many: ${name}`, () => {
    const test = useQueue(open);

    describe('of a mixture', () => {
      /** The newest first. */
      let all: AsyncRequest[];

      beforeEach(async () => {
        const ids = Array.from({ length: COUNT }, (_, number) => `r${number}`);
        for (const [number, id] of ids.entries()) {
          // Several of one millisecond.
          if (number % 4 === 0) test.nowMs += 1;
          await test.queue.enqueue(
            newRequest(id, {
              action: number % 3 === 0 ? 'transcribe' : 'ingest',
              userId: `user-${number % 5}`,
              tenantId: number % 5 < 3 ? 'default' : 'neighbours',
              connectionId: number % 2 === 0 ? `connection-${number % 4}` : undefined,
              maxRetries: 1,
            }),
          );
        }
        const claims = await test.queue.claim(['ingest', 'transcribe'], LEASE_MS, 30);
        expect(claims).toHaveLength(30);
        for (const [number, { lease }] of claims.entries()) {
          if (number % 6 === 0) await test.queue.complete(lease, {});
          if (number % 6 === 1) await test.queue.fail(lease, FAILURE);
          if (number % 6 === 2) await test.queue.fail(lease, FAILURE, test.nowMs + 1000);
          if (number % 6 === 3) await test.queue.cancel(lease.requestId);
        }
        const found = await Promise.all(ids.reverse().map((id) => test.queue.find(id)));
        all = found.filter((request) => request !== null);
      });

      it('lists those that meet a filter, the newest first, whatever the size of a page', async () => {
        const filters: RequestFilter[] = [
          {},
          { tenantId: 'neighbours' },
          { tenantId: 'default' },
          { userId: 'user-1' },
          { connectionId: 'connection-2' },
          { status: 'PENDING' },
          { status: 'FAILED', tenantId: 'default' },
          { action: 'transcribe' },
          { action: 'transcribe', tenantId: 'neighbours' },
          { userId: 'user-0', status: 'PROCESSING' },
          { userId: 'user-1', tenantId: 'default' },
          { userId: 'user-0', action: 'ingest', tenantId: 'default' },
          { connectionId: 'connection-0', userId: 'user-0' },
        ];
        for (const filter of filters) {
          const expected = all.filter((request) => meetsFilter(request, filter));
          expect(expected.length).toBeGreaterThan(1);
          for (const limit of [3, 7, 1000]) {
            const found = await readAllPages((page) => test.queue.list(filter, page), limit);
            expect(found, JSON.stringify({ filter, limit })).toEqual(expected);
          }
        }
      });

      it('lists nothing foreign', async () => {
        const filters: RequestFilter[] = [
          { userId: 'user-1', tenantId: 'neighbours' },
          { connectionId: 'connection-0', userId: 'nobody' },
          { userId: 'nobody' },
          { tenantId: 'nowhere' },
          { action: 'dance' },
          { userId: 'x'.repeat(3000) },
        ];
        for (const filter of filters) {
          const found = await readAllPages((page) => test.queue.list(filter, page), 10);
          expect(found, JSON.stringify(filter)).toEqual([]);
        }
      });

      it('goes on where it was, while requests come, change and go', async () => {
        const first = await test.queue.list({}, { limit: 10 });
        expect(first.items).toEqual(all.slice(0, 10));
        test.nowMs += 1;
        await test.queue.enqueue(newRequest('new'));
        const [shown, coming, doomed] = [all[9]!, all[12]!, all[15]!];
        for (const { requestId, status } of [shown, coming]) {
          if (status === 'FAILED' || status === 'CANCELLED') await test.queue.retry(requestId);
          else if (status !== 'COMPLETED') await test.queue.cancel(requestId);
        }
        await test.queue.delete(doomed.requestId);
        const rest: string[] = [];
        for (let after = first.next; after !== undefined;) {
          const page = await test.queue.list({}, { limit: 10, after });
          rest.push(...page.items.map(({ requestId }) => requestId));
          after = page.next;
        }
        const expected = all.slice(10).filter((request) => request !== doomed);
        expect(rest).toEqual(expected.map(({ requestId }) => requestId));
      });

      it('refuses a place of another list', async () => {
        for (const after of [[null], [{} as never], []]) {
          const wrong = test.queue.list({}, { limit: 10, after });
          await expect(wrong).rejects.toMatchObject({ code: 'invalid_input' });
        }
      });

      it('counts what is open, by action and status', async () => {
        const open = all.filter(({ endedAtMs }) => endedAtMs === undefined);
        expect(await test.queue.countOpen()).toBe(open.length);
        const groups = Map.groupBy(open, ({ action, status }) => `${action} ${status}`);
        const expected = [...groups.values()].map((group) => ({
          action: group[0]?.action,
          status: group[0]?.status,
          count: group.length,
          oldestCreatedAtMs: Math.min(...group.map(({ createdAtMs }) => createdAtMs)),
        }));
        const tally = await test.queue.tallyOpen();
        expect(expected.length).toBeGreaterThan(3);
        expect(tally).toHaveLength(expected.length);
        expect(tally).toEqual(expect.arrayContaining(expected));
      });
    });

    it('finds many by their ids, more than a hundred, each once', async () => {
      const ids = Array.from({ length: 130 }, (_, number) => `r${number}`);
      await Promise.all(ids.map((id) => test.queue.enqueue(newRequest(id))));
      const found = await test.queue.findMany([...ids, 'r1', 'nobody', 'x'.repeat(3000)]);
      expect(found.map(({ requestId }) => requestId).sort()).toEqual([...ids].sort());
      const one = found.find(({ requestId }) => requestId === 'r77');
      expect(one).toEqual(await test.queue.find('r77'));
      expect(await test.queue.findMany([])).toEqual([]);
      expect(await test.queue.findMany(['nobody'])).toEqual([]);
    });

    it('has nothing to tell when nothing is there', async () => {
      expect(await test.queue.list({}, { limit: 10 })).toEqual({ items: [] });
      expect(await test.queue.tallyOpen()).toEqual([]);
      expect(await test.queue.countOpen()).toBe(0);
      expect(await test.queue.deleteEnded(START_MS + 1, 10)).toBe(0);
    });

    it('deletes no request that was begun anew after it had ended', async () => {
      const { lease } = await test.begin();
      await test.queue.fail(lease, FAILURE);
      test.nowMs += 10;
      await test.queue.retry('1');
      expect(await test.queue.deleteEnded(test.nowMs, 10)).toBe(0);
      expect(await test.queue.find('1')).toMatchObject({ status: 'PENDING' });
    });
  });
}

/** As `readPages`; but a page may be short and not the last. */
async function readAllPages(
  list: (page: PageRequest) => Promise<Page<AsyncRequest>>,
  limit: number,
): Promise<AsyncRequest[]> {
  const items: AsyncRequest[] = [];
  let page = await list({ limit });
  for (;;) {
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (page.next === undefined) return items;
    page = await list({ limit, after: JSON.parse(JSON.stringify(page.next)) as typeof page.next });
  }
}
