import { describe, expect, it } from 'vitest';
import { AppError } from '../domain/app-error.ts';
import { createPartPresence } from './part-presence.ts';

/** A store of parts of 10 bytes, that counts the look-ups and how many there were at a time. */
function openStore(keys: readonly string[]) {
  const present = new Set(keys);
  const seen = { lookUps: 0, now: 0, most: 0 };
  const find = async (key: string) => {
    seen.lookUps += 1;
    seen.now += 1;
    seen.most = Math.max(seen.most, seen.now);
    await Promise.resolve();
    seen.now -= 1;
    return present.has(key) ? { key, sizeBytes: 10, modifiedAtMs: 0 } : null;
  };
  return { present, seen, find };
}

const part = (key: string, sizeBytes = 10) => ({ key, sizeBytes });

describe('the presence of parts', () => {
  it('names what is absent or of another size', async () => {
    const presence = createPartPresence(openStore(['a', 'b']), () => 0);
    const { missing } = await presence.findMissing([part('a'), part('b', 11), part('c')]);
    expect([...missing]).toEqual(['b', 'c']);
  });

  it('is looked for once in a while, each part once, and absence every time', async () => {
    const store = openStore(['a']);
    let nowMs = 0;
    const presence = createPartPresence(store, () => nowMs, { trustMs: 30_000 });
    await presence.findMissing([part('a'), part('a'), part('x')]);
    expect(store.seen.lookUps).toBe(2);
    nowMs = 29_999;
    expect((await presence.findMissing([part('a'), part('x')])).presentUntilMs).toBe(30_000);
    expect(store.seen.lookUps).toBe(3);
    nowMs = 30_000;
    store.present.delete('a');
    expect([...(await presence.findMissing([part('a')])).missing]).toEqual(['a']);
  });

  it('is looked for in parallel, within bounds, and remembered within bounds', async () => {
    const keys = Array.from({ length: 500 }, (_, number) => `k${number}`);
    const store = openStore(keys);
    const presence = createPartPresence(store, () => 0, { parallel: 32, maxParts: 100 });
    expect((await presence.findMissing(keys.map((key) => part(key)))).missing.size).toBe(0);
    expect(store.seen).toMatchObject({ lookUps: 500, most: 32 });
    await presence.findMissing(keys.slice(-100).map((key) => part(key)));
    expect(store.seen.lookUps).toBe(500);
    await presence.findMissing([part('k0')]);
    expect(store.seen.lookUps).toBe(501);
  });

  it('is unknown when the store fails', async () => {
    const find = async () => {
      throw new AppError('storage_unavailable', 'Not now.');
    };
    await expect(createPartPresence({ find }, () => 0).findMissing([part('a')])).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
  });
});
