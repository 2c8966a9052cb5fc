import { describe, expect, it } from 'vitest';
import { RunSlots } from './run-slots.ts';

describe('RunSlots', () => {
  const begun: string[] = [];
  function run(slots: RunSlots, name: string, signal?: AbortSignal) {
    const { promise, resolve } = Promise.withResolvers<string>();
    const done = slots.use(signal, () => {
      begun.push(name);
      return promise;
    });
    return { done, end: () => resolve(name) };
  }
  /** All that can go on has gone on. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('begins as many as there are, the others in their order', async () => {
    begun.length = 0;
    const slots = new RunSlots(2);
    const runs = ['a', 'b', 'c', 'd'].map((name) => run(slots, name));
    expect(begun).toEqual(['a', 'b']);
    expect(slots.free).toBe(0);
    runs[1]?.end();
    await settled();
    expect(begun).toEqual(['a', 'b', 'c']);
    for (const { end } of runs) end();
    expect(await Promise.all(runs.map(({ done }) => done))).toEqual(['a', 'b', 'c', 'd']);
    expect(slots.free).toBe(2);
  });

  it('forgets who gives up waiting, and begins nothing that was given up before', async () => {
    begun.length = 0;
    const slots = new RunSlots(1);
    const gone = new AbortController();
    const [a, b, c] = [run(slots, 'a'), run(slots, 'b', gone.signal), run(slots, 'c')];
    gone.abort();
    await expect(b.done).rejects.toMatchObject({ code: 'aborted' });
    await expect(run(slots, 'd', gone.signal).done).rejects.toMatchObject({ code: 'aborted' });
    a.end();
    c.end();
    await c.done;
    expect(begun).toEqual(['a', 'c']);
    expect(slots.free).toBe(1);
  });

  it('goes on after work that failed', async () => {
    const slots = new RunSlots(1);
    await expect(slots.use(undefined, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await slots.use(undefined, async () => 'next')).toBe('next');
  });
});
