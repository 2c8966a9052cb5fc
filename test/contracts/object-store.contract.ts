import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/domain/object-store.ts';

export interface OpenObjectStore {
  readonly store: ObjectStore;
  readonly close?: () => Promise<void> | void;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Bytes of which any two places differ. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) * 7) & 0xff);
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Uint8Array.from(Buffer.concat(parts));
}

async function keysOf(store: ObjectStore, prefix: string, limit: number): Promise<string[]> {
  const keys: string[] = [];
  let page = await store.list(prefix, { limit });
  for (;;) {
    expect(page.items.length).toBeLessThanOrEqual(limit);
    keys.push(...page.items.map((item) => item.key));
    if (page.next === undefined) return keys;
    page = await store.list(prefix, {
      limit,
      after: JSON.parse(JSON.stringify(page.next)) as typeof page.next,
    });
  }
}

const BAD_KEYS = [
  '',
  '.',
  '..',
  '../x',
  'a/../b',
  'a/..',
  '/a',
  'a/',
  'a//b',
  '.hidden',
  'a/.b',
  'a\\b',
  'a b',
  'ä',
  'a\0',
  'a\n',
  'C:x',
];

/** What every ObjectStore keeps. `open` gives an empty store. */
export function describeObjectStoreContract(name: string, open: () => Promise<OpenObjectStore>): void {
  describe(`ObjectStore: ${name}`, () => {
    let opened: OpenObjectStore;
    let store: ObjectStore;
    let directory: string;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'earshot-'));
      opened = await open();
      store = opened.store;
    });

    afterEach(async () => {
      await opened.close?.();
      await rm(directory, { recursive: true, force: true });
    });

    it('finds many at once as it finds each', async () => {
      const keys = Array.from(
        { length: 200 },
        (_, number) => `playable/${number % 2 === 0 ? '' : 'a/'}${number}`,
      );
      for (const [number, key] of keys.entries())
        if (number % 3 !== 0) await store.write(key, [pattern(number)]);
      const found = await store.findMany([...keys, 'playable/1', 'playable', 'playable/2/x']);
      expect(found.slice(0, 200)).toEqual(await Promise.all(keys.map((key) => store.find(key))));
      expect(found.slice(200)).toEqual([null, null, null]);
      expect(found.map((info) => info?.sizeBytes ?? null).slice(0, 4)).toEqual([null, 1, 2, null]);
      expect(await store.findMany([])).toEqual([]);
      await expect(store.findMany(['../x'])).rejects.toMatchObject({ code: 'invalid_input' });
    });

    it('knows nothing at first', async () => {
      expect(await store.find('originals/a.wav')).toBeNull();
      expect(await store.list('', { limit: 10 })).toEqual({ items: [] });
      await store.delete('originals/a.wav');
      const missing = { code: 'not_found' };
      await expect(store.readRange('a', { start: 0, endExclusive: 1 })).rejects.toMatchObject(missing);
      await expect(collect(store.read('a'))).rejects.toMatchObject(missing);
      await expect(store.copy('a', 'b')).rejects.toMatchObject(missing);
      await expect(store.withLocalFile('a', async () => 1)).rejects.toMatchObject(missing);
      expect(await store.find('b')).toBeNull();
    });

    it('gives back what was written', async () => {
      const content = pattern(1_500_000);
      const info = await store.write('originals/x.wav', [content.subarray(0, 7), content.subarray(7)]);
      expect(info).toMatchObject({ key: 'originals/x.wav', sizeBytes: 1_500_000 });
      expect(await store.find('originals/x.wav')).toEqual(info);
      expect(Buffer.compare(await collect(store.read('originals/x.wav')), content)).toBe(0);
      await store.write('empty', []);
      expect((await store.find('empty'))?.sizeBytes).toBe(0);
      expect(await collect(store.read('empty'))).toHaveLength(0);
    });

    it('reads any range, exactly', async () => {
      const content = pattern(1_100_000);
      await store.write('a', [content]);
      for (const [start, endExclusive] of [
        [0, 1],
        [0, 0],
        [3, 3],
        [1_099_999, 1_100_000],
        [262_143, 790_001],
        [0, 1_100_000],
      ] as const) {
        const wanted = content.subarray(start, endExclusive);
        const range = { start, endExclusive };
        const whole = await store.readRange('a', range);
        expect(whole.byteLength).toBe(whole.buffer.byteLength);
        expect(Buffer.compare(whole, wanted)).toBe(0);
        expect(Buffer.compare(await collect(store.read('a', range)), wanted)).toBe(0);
      }
      const beyond = { start: 1_099_999, endExclusive: 1_100_001 };
      await expect(store.readRange('a', beyond)).rejects.toMatchObject({ code: 'storage_unavailable' });
      await expect(collect(store.read('a', beyond))).rejects.toMatchObject({ code: 'storage_unavailable' });
    });

    it('can be left in the middle of a read', async () => {
      await store.write('a', [pattern(3_000_000)]);
      for await (const chunk of store.read('a')) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      const abort = new AbortController();
      const reading = store.read('a', undefined, abort.signal)[Symbol.asyncIterator]();
      expect((await reading.next()).done).toBe(false);
      abort.abort();
      await expect(reading.next()).rejects.toMatchObject({ code: 'aborted' });
    });

    it('replaces an object only with a whole body', async () => {
      await store.write('a', [bytesOf('old')]);
      const failing = async function* () {
        yield bytesOf('new');
        throw new Error('the sender has gone');
      };
      await expect(store.write('a', failing())).rejects.toThrow('the sender has gone');
      await expect(store.write('b', failing())).rejects.toThrow('the sender has gone');
      const abort = new AbortController();
      abort.abort();
      await expect(store.write('a', [bytesOf('new')], abort.signal)).rejects.toMatchObject({
        code: 'aborted',
      });
      expect(textOf(await collect(store.read('a')))).toBe('old');
      expect(await store.find('b')).toBeNull();
      await store.write('a', [bytesOf('newer')]);
      expect(textOf(await collect(store.read('a')))).toBe('newer');
    });

    it('lets a reader finish what was replaced or deleted meanwhile', async () => {
      const content = pattern(2_000_000);
      await store.write('a', [content]);
      const reading = store.read('a')[Symbol.asyncIterator]();
      const first = await reading.next();
      await store.write('a', [bytesOf('new')]);
      await store.delete('a');
      const parts = [first.value as Uint8Array];
      for (let next = await reading.next(); next.done !== true; next = await reading.next())
        parts.push(next.value);
      expect(Buffer.compare(Buffer.concat(parts), content)).toBe(0);
    });

    it('ends with one of many bodies that are written at once', async () => {
      const bodies = Array.from({ length: 10 }, (_, number) => new Uint8Array(100_000).fill(number));
      await Promise.all(bodies.map((body) => store.write('a', [body])));
      const found = await collect(store.read('a'));
      expect(found).toHaveLength(100_000);
      expect(new Set(found).size).toBe(1);
    });

    it('takes a file away from its place', async () => {
      const path = join(directory, 'story.wav');
      await writeFile(path, 'audio');
      await store.write('originals/x.wav', [bytesOf('before')]);
      expect(await store.takeFile('originals/x.wav', path)).toMatchObject({ sizeBytes: 5 });
      expect(textOf(await collect(store.read('originals/x.wav')))).toBe('audio');
      await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
      await writeFile(path, 'sound');
      await store.takeFile('playable/x.mp3', path);
      await writeFile(path, 'again');
      await store.takeFile('playable/x.mp3', path);
      expect(textOf(await collect(store.read('playable/x.mp3')))).toBe('again');
    });

    it('copies, and the copy is of its own', async () => {
      await store.write('uploads/x', [bytesOf('audio')]);
      await store.write('originals/x.wav', [bytesOf('before')]);
      expect(await store.copy('uploads/x', 'originals/x.wav')).toMatchObject({
        key: 'originals/x.wav',
        sizeBytes: 5,
      });
      await store.copy('uploads/x', 'originals/x.wav');
      await store.copy('originals/x.wav', 'playable/x.mp3');
      await store.write('uploads/x', [bytesOf('other')]);
      await store.delete('uploads/x');
      expect(textOf(await collect(store.read('originals/x.wav')))).toBe('audio');
      expect(textOf(await collect(store.read('playable/x.mp3')))).toBe('audio');
    });

    it('deletes, once or twice', async () => {
      await store.write('playable/x.mp3', [bytesOf('audio')]);
      await store.delete('playable/x.mp3');
      await store.delete('playable/x.mp3');
      expect(await store.find('playable/x.mp3')).toBeNull();
    });

    it('lists by key, by code point, page by page', async () => {
      const keys = ['a-b', 'a.b', 'a/0', 'a/b/c', 'a/b-c', 'a/z', 'a0', 'b/a', 'B/a', '_/a', '-x'];
      for (const key of keys) await store.write(key, [bytesOf(key)]);
      const sorted = keys.toSorted();
      for (const limit of [1, 2, 4, 11, 1000]) expect(await keysOf(store, '', limit)).toEqual(sorted);
      for (const prefix of ['a', 'a/', 'a/b', 'a/b/', 'b', 'nothing/', 'a/z']) {
        const wanted = sorted.filter((key) => key.startsWith(prefix));
        for (const limit of [1, 2, 1000]) expect(await keysOf(store, prefix, limit)).toEqual(wanted);
      }
      const [first] = (await store.list('a/b/', { limit: 1 })).items;
      expect(first).toEqual(await store.find('a/b/c'));
    });

    it('lends a local file until its use has settled', async () => {
      await store.write('uploads/x', [bytesOf('audio')]);
      const lent = await store.withLocalFile('uploads/x', async (path) => {
        await store.delete('uploads/x');
        return readFile(path, 'utf8');
      });
      expect(lent).toBe('audio');
      await store.write('uploads/x', [bytesOf('audio')]);
      const failing = store.withLocalFile('uploads/x', async () => {
        throw new Error('no audio in it');
      });
      await expect(failing).rejects.toThrow('no audio in it');
      expect(await store.find('uploads/x')).not.toBeNull();
    });

    it.each(BAD_KEYS)('refuses the key %j', async (key) => {
      const refused = { code: 'invalid_input' };
      const path = join(directory, 'story.wav');
      await writeFile(path, 'audio');
      await store.write('good', []);
      await expect(Promise.resolve().then(() => store.find(key))).rejects.toMatchObject(refused);
      await expect(store.write(key, [])).rejects.toMatchObject(refused);
      await expect(collect(store.read(key))).rejects.toMatchObject(refused);
      await expect(store.takeFile(key, path)).rejects.toMatchObject(refused);
      await expect(store.copy('good', key)).rejects.toMatchObject(refused);
      await expect(store.delete(key)).rejects.toMatchObject(refused);
      await expect(store.readRange(key, { start: 0, endExclusive: 0 })).rejects.toMatchObject(refused);
      expect(await readFile(path, 'utf8')).toBe('audio');
    });
  });
}
