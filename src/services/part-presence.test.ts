import { describe, expect, it } from 'vitest';
import { AppError } from '../domain/app-error.ts';
import { createPartPresence } from './part-presence.ts';

/** A store of parts of 10 bytes, that counts the look-ups. */
function openStore(keys: readonly string[]) {
  const present = new Set(keys);
  const seen = { lookUps: 0 };
  const findMany = async (wanted: readonly string[]) => {
    seen.lookUps += wanted.length;
    return wanted.map((key) => (present.has(key) ? { key, sizeBytes: 10, modifiedAtMs: 0 } : null));
  };
  return { present, seen, findMany };
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

  it('is remembered within bounds', async () => {
    const keys = Array.from({ length: 500 }, (_, number) => `k${number}`);
    const store = openStore(keys);
    const presence = createPartPresence(store, () => 0, { maxParts: 100 });
    expect((await presence.findMissing(keys.map((key) => part(key)))).missing.size).toBe(0);
    expect(store.seen.lookUps).toBe(500);
    await presence.findMissing(keys.slice(-50).map((key) => part(key)));
    expect(store.seen.lookUps).toBe(500);
    await presence.findMissing(keys.slice(0, 400).map((key) => part(key)));
    expect(store.seen.lookUps).toBe(900);
  });

  it('is unknown when the store fails', async () => {
    const findMany = async () => {
      throw new AppError('storage_unavailable', 'Not now.');
    };
    await expect(createPartPresence({ findMany }, () => 0).findMissing([part('a')])).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
  });

  it('is taken from the records where each look is a request, but of what could not be read', async () => {
    const store = openStore(['a']);
    let nowMs = 0;
    const presence = createPartPresence(store, () => nowMs, { trustsRecords: true, trustMs: 1000 });
    expect((await presence.findMissing([part('a'), part('x')])).missing.size).toBe(0);
    expect(store.seen.lookUps).toBe(0);
    presence.forget([part('a'), part('x')]);
    for (let turn = 1; turn <= 2; turn += 1) {
      nowMs += 2000;
      expect([...(await presence.findMissing([part('a'), part('x'), part('y')])).missing]).toEqual(['x']);
    }
    // What is absent is looked for each time, what was seen is trusted again.
    expect(store.seen.lookUps).toBe(3);
    store.present.add('x');
    expect((await presence.findMissing([part('x')])).missing.size).toBe(0);
  });
});
