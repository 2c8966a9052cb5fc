import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NAMES, openPlayingApp, type PlayingApp } from '../../../test/playing-app.ts';
import { createMemoryObjectStore } from '../../adapters/memory/memory-object-store.ts';
import { createMemoryWholeObjects } from '../../adapters/memory/memory-whole-objects.ts';
import { madeKey } from '../../domain/object-key.ts';
import { makeStreamAction } from '../../services/actions/make-stream-action.ts';
import { makeStreamPayload } from '../schemas/action-payloads.ts';

const MAX_BYTES = 8000;
const PRESIGNED = /^https:\/\/bucket\.example\/made\/([\w-]+)\.mp3\?expires=21600$/;

/** A home whose answers are bounded, and its bucket. */
async function open(makeAtOnceBytes: number) {
  const objects = createMemoryObjectStore();
  const wholeObjects = createMemoryWholeObjects(objects);
  const limits = { maxBytes: MAX_BYTES, maxMs: 1000, makeAtOnceBytes };
  const test = await openPlayingApp({ objects, wholeObjects, policy: { responseLimits: limits } });
  const whole = async (): Promise<Buffer> => {
    const ranges: Buffer[] = [];
    const headers = { 'sec-fetch-dest': 'audio' };
    for (let at = 0, total = 1; at < total;) {
      const answer = await test.play('', { ...headers, range: `bytes=${at}-` });
      expect(answer.statusCode).toBe(206);
      ranges.push(answer.rawPayload);
      at += answer.rawPayload.length;
      total = Number(answer.headers['content-range']?.split('/')[1]);
    }
    return Buffer.concat(ranges);
  };
  const objectOf = async (etag: string) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of objects.read(madeKey(etag))) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  return { test, objects, wholeObjects, whole, objectOf };
}

describe('a stream that is longer than one answer may be', () => {
  let opened: Awaited<ReturnType<typeof open>>;
  let test: PlayingApp;
  beforeEach(async () => {
    opened = await open(Infinity);
    ({ test } = opened);
  });
  afterEach(() => test.app.close());

  it('is led to an object of just its bytes, under its entity tag', async () => {
    const answer = await test.play();
    expect(answer.statusCode).toBe(307);
    expect(answer.body).toBe('');
    const etag = PRESIGNED.exec(String(answer.headers.location))?.[1] ?? '';
    expect(answer.headers).toMatchObject({ etag: `"${etag}"`, 'cache-control': 'private, no-store' });
    const head = await test.play('', {}, 'HEAD');
    expect([head.statusCode, head.headers.etag]).toEqual([200, `"${etag}"`]);
    const bytes = await opened.objectOf(etag);
    expect(bytes.length).toBe(Number(head.headers['content-length']));
    expect(bytes.equals(await opened.whole())).toBe(true);
    expect(bytes.subarray(-100).equals(test.audioOf(NAMES).subarray(-100))).toBe(true);
  });

  it('is made once', async () => {
    const { etag = '' } = (await test.play()).headers;
    const before = await opened.objects.find(madeKey(etag.slice(1, -1)));
    await test.ports.objects.delete(test.tracks.get('a.mp3')?.file.part?.key ?? '');
    expect((await test.play()).statusCode).toBe(307);
    expect((await test.play('', { range: 'bytes=10-' })).statusCode).toBe(307);
    expect(await opened.objects.find(madeKey(etag.slice(1, -1)))).toEqual(before);
  });

  it('answers a range that fits itself, and leads one that does not, unless a browser’s media element asks', async () => {
    const fits = await test.play('', { range: `bytes=100-${MAX_BYTES + 99}` });
    expect([fits.statusCode, fits.rawPayload.length]).toEqual([206, MAX_BYTES]);
    const end = await test.play('', { range: 'bytes=-500' });
    expect([end.statusCode, end.rawPayload.length]).toEqual([206, 500]);
    expect((await test.play('', { range: `bytes=100-${MAX_BYTES + 100}` })).statusCode).toBe(307);
    const media = await test.play('', { range: 'bytes=100-', 'sec-fetch-dest': 'video' });
    expect([media.statusCode, media.rawPayload.length]).toEqual([206, MAX_BYTES]);
    expect(media.headers['content-range']).toMatch(new RegExp(`^bytes 100-${MAX_BYTES + 99}/`));
    expect(media.rawPayload.equals(fits.rawPayload)).toBe(true);
    // Of all of it, a media element could not know that there is more.
    expect((await test.play('', { 'sec-fetch-dest': 'audio' })).statusCode).toBe(307);
  });

  it('is known by the tag of the object too, to whoever read it there', async () => {
    const { etag = '' } = (await test.play()).headers;
    const there = (await opened.wholeObjects.find(madeKey(etag.slice(1, -1))))?.etag ?? '';
    expect(there).not.toBe(etag);
    expect((await test.play('', { 'if-none-match': there })).statusCode).toBe(304);
    expect((await test.play('', { 'if-none-match': etag })).statusCode).toBe(304);
    const goesOn = await test.play('', { range: 'bytes=5-14', 'if-range': there });
    expect([goesOn.statusCode, goesOn.headers.etag]).toEqual([206, etag]);
    expect((await test.play('', { 'if-match': '"another"' })).statusCode).toBe(412);
    expect((await test.play('', { 'if-match': there, range: 'bytes=0-9' })).statusCode).toBe(206);
    const another = await test.play('', { range: 'bytes=5-14', 'if-range': '"another"' });
    expect(another.statusCode).toBe(307);
  });

  it('names what is missing before it leads anywhere', async () => {
    await test.ports.audioFiles.delete('default', 'c.mp3');
    expect((await test.play()).json()).toMatchObject({ code: 'missing_part' });
  });

  it('as short as one answer is answered as ever', async () => {
    await test.put(['a.mp3']);
    expect((await test.play('?from=0.3')).statusCode).toBe(200);
  });

  it('is a file as well: its own object, and of one that plays from its middle a made one', async () => {
    const { token } = test.user;
    const file = (query: string, headers: Record<string, string> = {}) =>
      test.request('GET', `/api/audio/a.mp3${query}`, { token, headers });
    const length = Number(
      (await test.request('HEAD', '/api/audio/a.mp3', { token })).headers['content-length'],
    );
    expect(length).toBeGreaterThan(MAX_BYTES);
    const whole = await file('');
    expect(whole.statusCode).toBe(307);
    expect(String(whole.headers.location)).toContain(test.tracks.get('a.mp3')?.file.part?.key ?? '?');
    const range = await file('', { range: 'bytes=0-99' });
    expect([range.statusCode, range.rawPayload.length]).toEqual([206, 100]);
    const later = await file('?from=0.03');
    expect(later.statusCode).toBe(307);
    expect(String(later.headers.location)).toMatch(PRESIGNED);
  });
});

describe('a stream that takes too long to be made while its listener waits', () => {
  let opened: Awaited<ReturnType<typeof open>>;
  let test: PlayingApp;
  beforeEach(async () => {
    opened = await open(0);
    ({ test } = opened);
  });
  afterEach(() => test.app.close());

  const work = async () => {
    const action = makeStreamAction({ ...test.ports, wholeObjects: opened.wholeObjects }, makeStreamPayload);
    const [claimed, ...others] = await test.ports.queue.claim(['make_stream'], 60_000, 10);
    if (claimed === undefined) return null;
    expect(others).toEqual([]);
    const signal = new AbortController().signal;
    const context = { signal, log: test.ports.log, isLastAttempt: false, report: () => undefined };
    return action.handle(claimed.request, context);
  };

  it('is asked of a worker, once; until then it is asked for again, and ranges are what fits', async () => {
    for (const query of [
      '',
      '?play_mode=shuffle&seed=3',
      '?play_mode=loop&sleep_s=3&sleep_mode=exact&from=0.5',
    ]) {
      const answers = await Promise.all([test.play(query), test.play(query)]);
      for (const refused of answers) {
        expect(refused.json()).toMatchObject({ status: 503, code: 'not_ready' });
        expect(refused.headers['retry-after']).toBe('5');
        expect(refused.headers).not.toHaveProperty('etag');
      }
      const range = await test.play(query, { range: 'bytes=0-' });
      expect([range.statusCode, range.rawPayload.length]).toEqual([206, MAX_BYTES]);
      const etag = String(range.headers.etag).slice(1, -1);
      expect(await work()).toMatchObject({ etag, made: true });
      expect(await work()).toBeNull();
      const led = await test.play(query);
      expect([led.statusCode, PRESIGNED.exec(String(led.headers.location))?.[1]]).toEqual([307, etag]);
      const bytes = await opened.objectOf(etag);
      expect(bytes.subarray(0, MAX_BYTES).equals(range.rawPayload)).toBe(true);
      expect(`/${bytes.length}`).toBe(/\/\d+$/.exec(String(range.headers['content-range']))?.[0]);
    }
  });

  it('is not made once the queue is another', async () => {
    await test.play();
    await test.put(NAMES.toReversed());
    expect(await work()).toMatchObject({ made: false });
  });
});

describe('an endless stream where answers are bounded', () => {
  it('ends with a track, plainly', async () => {
    const { test } = await open(0);
    const address = await test.app.listen({ host: '127.0.0.1', port: 0 });
    const startMs = Date.now();
    const response = await fetch(`${address}/api/streams/s/stream.mp3?play_mode=loop`, {
      headers: { authorization: `Bearer ${test.user.token}` },
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    // Half a second each: one of them fits into a second, and the second one too.
    expect([1, 2].map((count) => test.audioOf(NAMES.slice(0, count)).length)).toContain(bytes.length);
    expect(bytes.equals(test.audioOf(NAMES).subarray(0, bytes.length))).toBe(true);
    expect(Date.now() - startMs).toBeLessThan(5000);
    await test.app.close();
  });
});
