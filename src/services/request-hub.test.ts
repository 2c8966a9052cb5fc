import { expect, it } from 'vitest';
import { asyncRequest } from '../../test/sample-records.ts';
import { createRequestHub } from './request-hub.ts';

it('tells whoever watches a request each state once and in order, wherever it comes from', () => {
  const hub = createRequestHub();
  const told: number[] = [];
  hub.watch('a', ({ seq }) => told.push(seq));
  hub.publish(asyncRequest('a', { seq: 2 }));
  hub.receive(asyncRequest('a', { seq: 2 }));
  hub.receive(asyncRequest('a', { seq: 5 }));
  hub.publish(asyncRequest('a', { seq: 4 }));
  hub.receive(asyncRequest('b', { seq: 9 }));
  hub.receive(asyncRequest('a', { seq: 6 }));
  expect(told).toEqual([2, 5, 6]);
});

it('tells of changes only what this process has brought about', () => {
  const hub = createRequestHub();
  const changes: string[] = [];
  const end = hub.onChange(({ requestId, seq }) => changes.push(`${requestId}${seq}`));
  hub.publish(asyncRequest('a', { seq: 1 }));
  hub.receive(asyncRequest('a', { seq: 2 }));
  hub.publish(asyncRequest('b', { seq: 7 }));
  end();
  hub.publish(asyncRequest('b', { seq: 8 }));
  expect(changes).toEqual(['a1', 'b7']);
});

it('forgets a request that nobody watches any more, and no other watch of the same', () => {
  const hub = createRequestHub();
  const [one, two]: number[][] = [[], []];
  const listener = ({ seq }: { seq: number }) => one?.push(seq);
  const ends = [
    hub.watch('a', listener),
    hub.watch('a', listener),
    hub.watch('a', ({ seq }) => two?.push(seq)),
  ];
  ends[0]?.();
  ends[0]?.();
  hub.publish(asyncRequest('a', { seq: 1 }));
  expect([one, two]).toEqual([[1], [1]]);
  expect(hub.watched()).toEqual(['a']);
  ends[1]?.();
  ends[2]?.();
  expect(hub.watched()).toEqual([]);
});
