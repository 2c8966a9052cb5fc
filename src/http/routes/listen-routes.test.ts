import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLinkedApp, ORIGIN, type Linked, type LinkedApp } from '../../../test/linked-app.ts';
import { heard, NAMES } from '../../../test/playing-app.ts';
import { addTrack, addUnreadyFile } from '../../../test/stream-library.ts';

const PICTURE = Buffer.from('\x89PNG\r\n\x1a\n of anybody', 'latin1');

let test: LinkedApp;
beforeEach(async () => {
  test = await openLinkedApp();
});
afterEach(() => test.app.close());

/** As a player opens it that has nothing but the address. */
const open = (url: string | undefined, headers: Record<string, string> = {}) => {
  expect(url).toMatch(/^https:\/\/audio\.example\/api\//);
  return test.request('GET', (url ?? '').slice(ORIGIN.length), { headers });
};

describe('the link of a stream', () => {
  it('shows the tracks in the order of the queue, each with an address that plays from it on', async () => {
    const { token } = await test.linkTo('streams/s');
    const answer = await test.listen(token);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('private, no-store');
    const { tracks, ...linked } = answer.json<Linked>();
    const streamUrl = `${ORIGIN}/api/streams/s/stream.mp3?token=${token}&skip_missing=1`;
    const frames = NAMES.map((_, index) => 20 + index);
    expect(linked).toEqual({
      kind: 'stream',
      name: 's',
      title: 's',
      play_mode: 'sequential',
      total_s: secondsOf(frames),
      stream_url: streamUrl,
      track_count: 8,
      count: 8,
    });
    expect(tracks[2]).toEqual({
      index: 2,
      title: 'Title of c.mp3',
      state: 'ready',
      duration: secondsOf([22]),
      start_s: secondsOf([20, 21]),
      url: expect.stringContaining(`${streamUrl}&play_mode=sequential&from=`) as string,
    });
    expect(heard(await open(linked.stream_url))).toEqual(NAMES);
    for (const [index, { url }] of tracks.entries()) {
      const played = await open(url);
      expect(played.statusCode).toBe(200);
      // Whole frames, from the very first of the track on.
      expect(heard(played)).toEqual(NAMES.slice(index));
    }
  });

  it.each(['shuffle', 'endless-shuffle'])(
    'of %s: each track plays on in the order of the day',
    async (mode) => {
      await test.request('PATCH', '/api/streams/s', { token: test.user.token, body: { play_mode: mode } });
      const { token } = await test.linkTo('streams/s');
      const linked = (await test.listen(token)).json<Linked>();
      expect(linked.play_mode).toBe(mode);
      expect(linked.total_s === undefined).toBe(mode === 'endless-shuffle');
      expect(linked.tracks.map(({ index }) => index)).toEqual(NAMES.map((_, index) => index));
      const order = linked.tracks.toSorted((one, other) => one.start_s - other.start_s);
      const names = order.map(({ index }) => NAMES[index] ?? '');
      expect(names).not.toEqual(NAMES);
      for (const [place, { url }] of order.entries())
        expect(heard(await open(url))).toEqual(names.slice(place));
      // As the address plays by itself, where it has an end.
      if (mode === 'shuffle') expect(heard(await open(linked.stream_url))).toEqual(names);
      const other = (await test.listen(token, '&seed=7')).json<Linked>();
      expect(other.seed).toBe(7);
      expect(other.tracks.map(({ start_s }) => start_s)).not.toEqual(
        linked.tracks.map(({ start_s }) => start_s),
      );
      expect((await test.listen(token, '&seed=no')).statusCode).toBe(400);
    },
  );

  it('marks what cannot be played, and plays the others', async () => {
    const broken = await addUnreadyFile(test.ports, 'broken.mp3', 'failed');
    await test.ports.audioFiles.save({ ...broken, title: '' }, broken.revision);
    await addUnreadyFile(test.ports, 'coming.mp3', 'processing');
    await test.put(['a.mp3', 'broken.mp3', 'b.mp3', 'c.mp3', 'c.mp3']);
    await test.ports.audioFiles.delete('default', 'b.mp3');
    const { token } = await test.linkTo('streams/s');
    const { tracks, total_s } = (await test.listen(token)).json<Linked>();
    expect(tracks.map(({ state, title, duration }) => [state, title, duration])).toEqual([
      ['ready', 'Title of a.mp3', secondsOf([20])],
      ['failed', 'broken', 0],
      ['missing', 'b', 0],
      ['ready', 'Title of c.mp3', secondsOf([22])],
      ['ready', 'Title of c.mp3', secondsOf([22])],
    ]);
    expect(total_s).toBe(secondsOf([20, 22, 22]));
    expect(tracks.map(({ url }) => url !== undefined)).toEqual([true, false, false, true, true]);
    expect(heard(await open(tracks[4]?.url))).toEqual(['c.mp3']);
    expect(heard(await open(tracks[0]?.url))).toEqual(['a.mp3', 'c.mp3', 'c.mp3']);
    await test.put(['coming.mp3']);
    expect((await test.listen(token)).json<Linked>().tracks).toMatchObject([
      { state: 'processing', start_s: 0 },
    ]);
    await test.put([]);
    expect((await test.listen(token)).json<Linked>()).toMatchObject({
      tracks: [],
      total_s: 0,
      track_count: 0,
    });
  });

  it('comes in pages, to whom the link is known', async () => {
    await test.put(Array.from({ length: 5000 }, (_, index) => NAMES[index % 8] ?? ''));
    const { token } = await test.linkTo('streams/s');
    const seen: number[] = [];
    const starts: number[] = [];
    let cursor: string | undefined;
    do {
      const query: string = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = (await test.listen(token, `&limit=500${query}`)).json<Linked>();
      expect([page.count, page.track_count]).toEqual([500, 5000]);
      seen.push(...page.tracks.map(({ index }) => index));
      starts.push(page.tracks[0]?.start_s ?? NaN);
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 5000 }, (_, index) => index));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    const first = (await test.listen(token)).json<Linked>();
    expect(first.count).toBe(100);
    const other = await test.linkTo('streams/s');
    const stolen = await test.listen(other.token, `&cursor=${encodeURIComponent(first.next_cursor ?? '')}`);
    expect(stolen.json()).toMatchObject({ code: 'invalid_input', errors: [{ field: 'cursor' }] });
    expect((await test.listen(token, '&limit=501')).statusCode).toBe(400);
  });
});

describe('the link of a file', () => {
  it('shows the file as the one track', async () => {
    const { token } = await test.linkTo('audio/c.mp3');
    const linked = (await test.listen(token)).json<Linked>();
    const url = `${ORIGIN}/api/audio/c.mp3?token=${token}`;
    expect(linked).toEqual({
      kind: 'file',
      name: 'c.mp3',
      title: 'Title of c.mp3',
      play_mode: 'sequential',
      total_s: secondsOf([22]),
      stream_url: url,
      track_count: 1,
      tracks: [
        {
          index: 0,
          title: 'Title of c.mp3',
          state: 'ready',
          duration: secondsOf([22]),
          start_s: 0,
          url,
        },
      ],
      count: 1,
    });
    expect(heard(await open(url))).toEqual(['c.mp3']);
  });
});

describe('covers', () => {
  beforeEach(async () => {
    await test.ports.objects.write('covers/0abc.png', [PICTURE]);
    await addTrack(test.ports, 'covered.mp3', 5, { coverKey: 'covers/0abc.png' });
    await addTrack(test.ports, 'private.mp3', 5, { coverKey: 'covers/0abc.png' });
    await test.put(['a.mp3', 'covered.mp3']);
  });

  it('are shown by the place of the track', async () => {
    const { token } = await test.linkTo('streams/s');
    const { tracks } = (await test.listen(token)).json<Linked>();
    expect(tracks.map(({ cover_url }) => cover_url)).toEqual([
      undefined,
      `${ORIGIN}/api/listen/cover/1?token=${token}`,
    ]);
    const cover = await open(tracks[1]?.cover_url);
    expect(cover.rawPayload).toEqual(PICTURE);
    expect(cover.headers).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    const again = await open(tracks[1]?.cover_url, { 'if-none-match': cover.headers.etag ?? '' });
    expect(again.statusCode).toBe(304);
    for (const [index, status] of [
      ['0', 404],
      ['2', 404],
      ['-1', 400],
      ['1.5', 400],
    ] as const) {
      const answer = await test.request('GET', `/api/listen/cover/${index}?token=${token}`);
      expect([index, answer.statusCode]).toEqual([index, status]);
    }
  });

  it('of a file are shown under its link', async () => {
    const { token } = await test.linkTo('audio/covered.mp3');
    const { tracks } = (await test.listen(token)).json<Linked>();
    expect((await open(tracks[0]?.cover_url)).rawPayload).toEqual(PICTURE);
    expect((await test.request('GET', `/api/listen/cover/1?token=${token}`)).statusCode).toBe(404);
  });
});

/** Of files of so many frames, as the wire rounds them. */
const secondsOf = (frameCounts: readonly number[]): number =>
  Math.round((frameCounts.reduce((sum, count) => sum + count, 0) * 1152 * 1000) / 44_100) / 1000;
