import { describe, expect, it } from 'vitest';
import type { StoredStream } from '../domain/stream.ts';
import { audioFile, playablePart } from '../../test/sample-records.ts';
import { createRecentQueues } from './recent-queues.ts';
import type { PlayableFile } from './recent-queues.ts';

const stream = (name: string, revision = '1', tenantId = 'default'): StoredStream => ({
  tenantId,
  name,
  files: [],
  playMode: 'sequential',
  persistence: 'permanent',
  revision,
});

const whole = (count: number) => ({
  entries: Array.from({ length: count }, () => ({ ...audioFile('a.mp3'), part: playablePart() })),
  presentUntilMs: 0,
  timesForgotten: 0,
});

/** Counts how often a plan had to be made. */
function counted() {
  const made = { times: 0 };
  const make = async () => {
    made.times += 1;
    return { number: made.times };
  };
  return { made, make };
}

describe('queues that were resolved lately', () => {
  it('are those of one definition in one state of the library', () => {
    const recent = createRecentQueues();
    const queue = whole(3);
    recent.hold('v1', stream('s'), queue);
    expect(recent.find('v1', stream('s'))).toBe(queue);
    expect(recent.find('v1', stream('s', '2'))).toBeUndefined();
    expect(recent.find('v1', stream('t'))).toBeUndefined();
    expect(recent.find('v1', stream('s', '1', 'neighbours'))).toBeUndefined();
    expect(recent.find('v2', stream('s'))).toBeUndefined();
    expect(recent.find('v1', stream('s'))).toBeUndefined();
  });

  it('are not held when the library changed while they were read', () => {
    const recent = createRecentQueues();
    expect(recent.find('v1', stream('s'))).toBeUndefined();
    expect(recent.find('v2', stream('t'))).toBeUndefined();
    recent.hold('v1', stream('s'), whole(1));
    expect(recent.find('v2', stream('s'))).toBeUndefined();
  });

  it('are bounded by their entries', () => {
    const recent = createRecentQueues({ maxEntries: 10 });
    recent.hold('v', stream('large'), whole(11));
    expect(recent.find('v', stream('large'))).toBeUndefined();
    for (const name of ['a', 'b', 'c']) recent.hold('v', stream(name), whole(4));
    const held = ['a', 'b', 'c'].filter((name) => recent.find('v', stream(name)) !== undefined);
    expect(held).toEqual(['b', 'c']);
  });
});

describe('plans of such queues', () => {
  it('are made once for each key', async () => {
    const recent = createRecentQueues();
    const { entries } = whole(2);
    recent.hold('v', stream('s'), { entries, presentUntilMs: 0, timesForgotten: 0 });
    const { made, make } = counted();
    const first = await recent.plan(stream('s'), entries, 'sequential', make);
    expect(await recent.plan(stream('s'), entries, 'sequential', make)).toBe(first);
    expect(await recent.plan(stream('s'), entries, 'shuffle', make)).not.toBe(first);
    expect(made.times).toBe(2);
  });

  it('are made anew of any other queue, and of one that is not held', async () => {
    const recent = createRecentQueues();
    const [one, other] = [whole(2), whole(2)];
    const { made, make } = counted();
    recent.hold('v', stream('s'), one);
    await recent.plan(stream('s'), one.entries, 'key', make);
    recent.hold('v', stream('s', '2'), other);
    await recent.plan(stream('s', '2'), other.entries, 'key', make);
    expect(made.times).toBe(2);
    await recent.plan(stream('s'), one.entries, 'key', make);
    await recent.plan(stream('s'), one.entries, 'key', make);
    expect(made.times).toBe(4);
    await recent.plan(stream('s', '2'), other.entries, 'key', make);
    expect(made.times).toBe(4);
  });

  it('outlive a change of the library, and of the definition, that leaves their records as they were', async () => {
    const recent = createRecentQueues();
    const queue = whole(2);
    const { made, make } = counted();
    recent.hold('v1', stream('s'), queue);
    const plan = await recent.plan(stream('s'), queue.entries, 'key', make);
    const edited = stream('s', '2');
    expect(recent.find('v2', edited)).toBeUndefined();
    const again = { entries: [...queue.entries], presentUntilMs: 7, timesForgotten: 1 };
    const held = recent.hold('v2', edited, again);
    expect(held).toEqual(again);
    expect(recent.find('v2', edited)).toBe(held);
    expect(await recent.plan(edited, held.entries, 'key', make)).toBe(plan);
    expect(made.times).toBe(1);
  });

  it.each([
    ['another record in a place', ([, ...rest]: PlayableFile[]) => [...whole(1).entries, ...rest]],
    ['another order', (entries: PlayableFile[]) => entries.toReversed()],
    ['one less', (entries: PlayableFile[]) => entries.slice(1)],
    ['one more', (entries: PlayableFile[]) => [...entries, ...whole(1).entries]],
  ])('do not outlive %s', async (_name, change) => {
    const recent = createRecentQueues();
    const queue = whole(3);
    const { made, make } = counted();
    recent.hold('v1', stream('s'), queue);
    await recent.plan(stream('s'), queue.entries, 'key', make);
    const entries = change([...queue.entries]);
    const held = recent.hold('v2', stream('s'), { ...queue, entries });
    expect(held.entries).toBe(entries);
    expect(await recent.plan(stream('s'), held.entries, 'key', make)).toEqual({ number: 2 });
    expect(made.times).toBe(2);
  });

  it('count as many entries as they say', async () => {
    const recent = createRecentQueues({ maxEntries: 10 });
    const queue = whole(2);
    const { made, make } = counted();
    recent.hold('v', stream('s'), queue);
    const plan = (key: string) => recent.plan(stream('s'), queue.entries, key, make, () => 6);
    for (const key of ['a', 'b', 'b', 'a']) await plan(key);
    expect(made.times).toBe(3);
  });

  it('are not held when making them failed', async () => {
    const recent = createRecentQueues();
    const queue = whole(1);
    recent.hold('v', stream('s'), queue);
    const failing = recent.plan(stream('s'), queue.entries, 'key', () => Promise.reject(new Error('No.')));
    await expect(failing).rejects.toThrow('No.');
    const { make } = counted();
    expect(await recent.plan(stream('s'), queue.entries, 'key', make)).toEqual({ number: 1 });
  });
});
