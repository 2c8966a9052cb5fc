import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, download, uploadFixture } from './client.ts';
import { makeDataDirectory, runsInFunctions, startProgram, type Program } from './program.ts';

describe('stream.mp3 of two instances', () => {
  const secret = 'a secret that both instances were given';
  let data: Awaited<ReturnType<typeof makeDataDirectory>>[];
  let instances: Program[];
  const files = ['fits.mp3', 'lame-vbr.mp3', 'with-cover.mp3', 'fits-crc.mp3', 'lame-default.mp3'];

  beforeAll(async () => {
    data = [await makeDataDirectory(), await makeDataDirectory()];
    instances = await Promise.all(
      data.map((directory) => startProgram(directory.path, { AUTH: 'off', JWT_SECRET: secret })),
    );
    for (const { url } of instances) {
      for (const file of files) expect((await uploadFixture(url, file)).status).toBe(201);
      await call(url, '/api/streams/s/queue', { method: 'POST', json: { files } });
    }
  });

  afterAll(async () => {
    for (const instance of instances) await instance.stop();
    for (const directory of data) await directory.remove();
  });

  const [first, second] = [() => instances[0]?.url ?? '', () => instances[1]?.url ?? ''];

  // Two homes of functions do not know each other's sessions, of which an order is made.
  const shuffle = runsInFunctions ? 'shuffle&seed=7' : 'shuffle';
  it.each(['sequential', shuffle])('is the same %s MP3 from both, whole and in ranges', async (mode) => {
    const path = `/api/streams/s/stream.mp3?play_mode=${mode}`;
    const one = await download(first() + path);
    const other = await download(second() + path);
    expect(one.response.headers.get('etag')).toMatch(/^"[^"]+"$/);
    expect(other.response.headers.get('etag')).toBe(one.response.headers.get('etag'));
    expect(other.response.headers.get('x-seed')).toBe(one.response.headers.get('x-seed'));
    expect(Buffer.compare(one.bytes, other.bytes)).toBe(0);

    const etag = one.response.headers.get('etag') ?? '';
    const pieces: Uint8Array[] = [];
    for (let at = 0, turn = 0; at < one.bytes.length; at += 9973, turn += 1) {
      const range = `bytes=${at}-${at + 9972}`;
      const piece = await download((turn % 2 === 0 ? first() : second()) + path, { range, 'if-range': etag });
      expect(piece.response.status).toBe(206);
      pieces.push(piece.bytes);
    }
    expect(Buffer.compare(Buffer.concat(pieces), one.bytes)).toBe(0);
  });

  it('answers conditions and HEAD as the standard says', async () => {
    const url = `${first()}/api/streams/s/stream.mp3`;
    const { response } = await download(url);
    const etag = response.headers.get('etag') ?? '';
    const head = await fetch(url, { method: 'HEAD' });
    for (const name of [
      'content-length',
      'etag',
      'accept-ranges',
      'last-modified',
      'content-type',
      'x-stream-name',
      'x-file-count',
      'x-play-mode',
    ]) {
      expect([name, head.headers.get(name)]).toEqual([name, response.headers.get(name)]);
    }
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await fetch(url, { headers: { 'if-match': '"another"' } })).status).toBe(412);
    const stale = await fetch(url, { headers: { range: 'bytes=0-9', 'if-range': '"another"' } });
    expect(stale.status).toBe(200);
    await stale.body?.cancel();
  });

  it('keeps its ETag when a title is edited, and not when the order is', async () => {
    const etag = async () =>
      (await fetch(`${first()}/api/streams/s/stream.mp3`, { method: 'HEAD' })).headers.get('etag');
    const before = await etag();
    await call(first(), '/api/audio/fits.mp3/info', { method: 'PATCH', json: { title: 'Another title' } });
    expect(await etag()).toBe(before);
    await call(first(), '/api/streams/s/queue/reorder', {
      method: 'PUT',
      json: { old_index: 0, new_index: 1 },
    });
    expect(await etag()).not.toBe(before);
    await call(first(), '/api/streams/s/queue/reorder', {
      method: 'PUT',
      json: { old_index: 1, new_index: 0 },
    });
    expect(await etag()).toBe(before);
  });

  // There are no files to be edited by hand.
  it.skipIf(runsInFunctions)('gives an edit by hand another ETag and a later date', async () => {
    const path = join(data[0]?.path ?? '', 'streams', 's.json');
    const url = `${first()}/api/streams/s/stream.mp3`;
    const before = await fetch(url, { method: 'HEAD' });
    const definition = await readFile(path, 'utf8');
    await writeFile(path, JSON.stringify({ ...(JSON.parse(definition) as object), files: files.slice(1) }));
    // Dates in headers are whole seconds.
    const later = new Date(Date.parse(before.headers.get('last-modified') ?? '') + 1000);
    while (Date.now() < later.getTime()) await setTimeout(50);
    await utimes(path, later, later);
    const known = { 'if-modified-since': before.headers.get('last-modified') ?? '' };
    const after = await fetch(url, { method: 'HEAD', headers: known });
    expect(after.status).toBe(200);
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
    expect(after.headers.get('last-modified')).toBe(later.toUTCString());
    await writeFile(path, definition);
  });

  it.each(['loop', 'endless-shuffle'])(
    'plays %s for ever, the same bytes from both, at playing speed',
    async (mode) => {
      const listen = async (url: string, milliseconds: number) => {
        const stop = new AbortController();
        const response = await fetch(`${url}/api/streams/s/stream.mp3?play_mode=${mode}&seed=7`, {
          signal: stop.signal,
        });
        expect(response.headers.get('content-length')).toBeNull();
        expect(response.headers.get('accept-ranges')).toBe('none');
        expect(response.headers.get('cache-control')).toBe('no-store');
        const chunks: Uint8Array[] = [];
        const timer = globalThis.setTimeout(() => stop.abort(), milliseconds);
        try {
          for await (const chunk of response.body ?? []) chunks.push(chunk as Uint8Array);
        } catch (error) {
          expect((error as Error).name).toBe('AbortError');
        }
        clearTimeout(timer);
        return Buffer.concat(chunks);
      };
      const [one, other] = await Promise.all([listen(first(), 3000), listen(second(), 1500)]);
      // 10 s of burst and about 3 s more, at most 128 kbit/s: never the whole of what there is.
      expect(one.length).toBeGreaterThan(80_000);
      expect(one.length).toBeLessThan(16 * 1024 * 18);
      const common = Math.min(one.length, other.length);
      expect(Buffer.compare(one.subarray(0, common), other.subarray(0, common))).toBe(0);
    },
  );
});
