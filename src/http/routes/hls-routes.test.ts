import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPlaylist, unpackSegment } from '../../../test/hls-playlist.ts';
import { addTrack } from '../../../test/stream-library.ts';
import { heard, NAMES, openPlayingApp } from '../../../test/playing-app.ts';
import type { PlayingApp } from '../../../test/playing-app.ts';

const LIST = '/api/streams/s/playlist.m3u8';
/** Of the Info frame of stream.mp3 in this profile. */
const INFO_BYTES = 417;

describe('playlist.m3u8 of a stream with an end', () => {
  let test: PlayingApp;

  beforeEach(async () => {
    test = await openPlayingApp();
    await addTrack(test.ports, 'long.mp3', 2000);
    await test.put(['long.mp3', ...NAMES]);
  });
  afterEach(() => test.app.close());

  const get = (url: string, headers: Record<string, string> = {}) =>
    test.request('GET', url, { token: test.user.token, headers });

  async function joined(query = '') {
    const answer = await get(LIST + query);
    expect(answer.statusCode).toBe(200);
    const list = readPlaylist(answer.body, LIST);
    const audio: Buffer[] = [];
    for (const { url } of list.segments) audio.push(unpackSegment((await get(url)).rawPayload).audio);
    return { answer, list, audio: Buffer.concat(audio) };
  }

  it.each([
    '',
    '?play_mode=shuffle',
    '?play_mode=shuffle&seed=4',
    '?from=17.3',
    '?play_mode=loop&sleep_s=95&sleep_mode=exact',
  ])('lists segments that join to stream.mp3%s', async (query) => {
    const { answer, list, audio } = await joined(query);
    expect(answer.headers['content-type']).toBe('application/vnd.apple.mpegurl');
    expect(list).toMatchObject({ targetS: 10, sequence: 0, isEnded: true, isVod: true });
    const whole = (await test.play(query)).rawPayload;
    expect(Buffer.compare(audio, whole.subarray(INFO_BYTES))).toBe(0);
    const seconds = list.segments.reduce((sum, each) => sum + each.seconds, 0);
    expect(seconds).toBeCloseTo(((whole.length - INFO_BYTES) / 417.96) * (1152 / 44_100), 0);
  });

  it('gives each segment its time', async () => {
    const { list } = await joined();
    const ticks = [];
    for (const { url } of list.segments) ticks.push(unpackSegment((await get(url)).rawPayload).ticks);
    expect(ticks[0]).toBe(0n);
    for (const [index, each] of ticks.entries()) {
      const before = list.segments.slice(0, index).reduce((sum, { seconds }) => sum + seconds, 0);
      expect(Number(each) / 90_000).toBeCloseTo(before, 4);
    }
  });

  it('never answers other bytes under the URL of a segment', async () => {
    const { list } = await joined();
    const url = list.segments[1]?.url ?? '';
    expect((await get(url)).headers).toMatchObject({
      'cache-control': 'private, max-age=31536000, immutable',
      'content-type': 'audio/mpeg',
    });
    expect((await get(url, { range: 'bytes=0-2' })).body).toBe('ID3');
    await test.put(['a.mp3', 'long.mp3']);
    const gone = await get(url);
    expect(gone.statusCode).toBe(404);
    expect(gone.headers['cache-control']).toBe('no-store');
    expect(gone.json()).toMatchObject({ code: 'not_found' });
    expect((await get(url.replace('/1.mp3', '/99.mp3'))).statusCode).toBe(404);
  });

  it('carries the token of a link into its segments, and nothing else', async () => {
    const link = await test.request('POST', '/api/streams/s/links', { token: test.user.token, body: {} });
    const { token } = link.json<{ token: string }>();
    const answer = await test.request('GET', `${LIST}?play_mode=shuffle&token=${token}`);
    expect(answer.headers['cache-control']).toBe('public, no-cache');
    const { segments } = readPlaylist(answer.body, LIST);
    for (const { url } of segments) {
      const segment = await test.request('GET', url);
      expect(segment.statusCode).toBe(200);
      expect(segment.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    }
    expect((await get(LIST)).body).not.toContain(test.user.token);
    const both = await get(`${LIST}?token=${test.user.token}`);
    expect(both.body).not.toContain('token');
    expect((await test.request('GET', LIST)).statusCode).toBe(401);
    const cookie = await test.request('GET', LIST, { cookie: test.user.token });
    expect(cookie.headers['cache-control']).toBe('private, no-cache');
    expect(cookie.body).not.toContain('token');
    const other = await test.request('GET', `/api/streams/t/playlist.m3u8?token=${token}`);
    expect(other.statusCode).toBe(404);
  });

  it('is answered 304 to who has it, and opens to pages from anywhere', async () => {
    const { headers } = await get(LIST, { origin: 'https://player.example' });
    expect(headers['access-control-allow-origin']).toBe('*');
    expect((await get(LIST, { 'if-none-match': String(headers.etag) })).statusCode).toBe(304);
    expect((await test.request('HEAD', LIST, { token: test.user.token })).body).toBe('');
  });

  it('says what is wrong before anything is listed', async () => {
    expect((await get('/api/streams/none/playlist.m3u8')).statusCode).toBe(404);
    expect((await get(`${LIST}?live=1&sleep_s=60`)).statusCode).toBe(400);
    expect((await get(`${LIST}?play_mode=loop&from=3`)).statusCode).toBe(400);
    expect((await get('/api/streams/s/hls/plan/other/0.mp3')).statusCode).toBe(404);
    expect((await get('/api/streams/s/hls/plan/other/x.mp3')).statusCode).toBe(400);
    const part = test.tracks.get('b.mp3')?.file.part;
    if (part === undefined) throw new Error('It is there.');
    await test.ports.objects.delete(part.key);
    test.ports.presence.forget([part]);
    expect((await get(LIST)).json()).toMatchObject({ code: 'missing_part' });
    expect((await joined('?skip_missing=1')).audio.length).toBeGreaterThan(0);
  });
});

describe('playlist.m3u8 where who listens decides', () => {
  it('is kept by no shared cache, unless the URL says it all', async () => {
    const test = await openPlayingApp({ policy: { playback: 'public' } });
    const scopeOf = async (query: string) =>
      String((await test.request('GET', LIST + query)).headers['cache-control']).split(',')[0];
    expect(await scopeOf('?play_mode=shuffle')).toBe('private');
    expect(await scopeOf('?play_mode=shuffle&seed=3')).toBe('public');
    expect(await scopeOf('')).toBe('public');
    expect(await scopeOf('?play_mode=endless-shuffle')).toBe('private');
    expect(await scopeOf('?play_mode=endless-shuffle&live=1')).toBe('public');
    const list = (await test.request('GET', `${LIST}?play_mode=shuffle`)).body;
    const [first] = readPlaylist(list, LIST).segments;
    const segment = await test.request('GET', first?.url ?? '');
    expect(segment.headers['cache-control']).toMatch(/^public/);
    const mine = (await test.play('?play_mode=shuffle')).rawPayload;
    expect(heard(segment).length).toBe(8);
    expect(mine.length).toBeGreaterThan(0);
    await test.app.close();
  });
});
