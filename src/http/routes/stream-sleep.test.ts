import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEndless, epochTracks } from '../../audio/endless.ts';
import type { PlayMode } from '../../domain/play-mode.ts';
import { MP3, NAMES, openPlayingApp } from '../../../test/playing-app.ts';
import type { PlayingApp } from '../../../test/playing-app.ts';
import { addTrack } from '../../../test/stream-library.ts';

const FRAME_S = 1152 / 44_100;
const FRAME_BYTES = 418;
/** Five turns and a bit, of which the last 20 seconds fade. */
const SLEEP = 'sleep_s=24.5';

interface Plan {
  readonly endless: boolean;
  readonly etag: string;
  readonly count: number;
  readonly total_bytes: number;
  readonly duration: number;
  readonly tracks: readonly { filename: string; start_byte: number; length: number }[];
}

describe('stream.mp3 with a sleep timer', () => {
  let nowMs: number;
  let test: PlayingApp;

  beforeEach(async () => {
    nowMs = Date.UTC(2026, 10, 22, 3, 59);
    test = await openPlayingApp({ clock: () => nowMs });
  });
  afterEach(() => test.app.close());

  const planOf = async (query: string) =>
    (await test.request('GET', `/api/streams/s/plan${query}`, { token: test.user.token })).json<Plan>();

  /** What the endless stream plays in its first turns. */
  function endlessBytes(mode: PlayMode, seed: number): Uint8Array {
    const parts = NAMES.map((name) => test.tracks.get(name)?.file.part ?? never());
    const endless = createEndless(parts, mode, seed);
    const turns = [0, 1, 2, 3, 4, 5, 6].flatMap((epoch) => epochTracks(endless, epoch));
    return test.audioOf(turns.map(({ partIndex }) => NAMES[partIndex] ?? never()));
  }

  it.each(['loop', 'endless-shuffle'] as const)('gives %s an end, length and ranges', async (mode) => {
    const query = `?play_mode=${mode}&seed=7&${SLEEP}&sleep_mode=exact`;
    const whole = await test.play(query);
    expect(whole.statusCode).toBe(200);
    expect(whole.headers).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-length': String(whole.rawPayload.length),
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      etag: expect.stringMatching(/^"[^"]+"$/) as string,
      'x-play-mode': mode,
      'x-file-count': '8',
    });
    const bytes = whole.rawPayload;
    const infoAt = bytes.indexOf('Info');
    expect(infoAt).toBe(36);
    expect(bytes.readUInt32BE(infoAt + 8)).toBe(Math.floor(24.5 / FRAME_S) + 1);
    expect(bytes.readUInt32BE(infoAt + 12)).toBe(bytes.length);

    // Byte for byte the endless stream: these frames are silent, so the fade leaves them as they are.
    const audio = bytes.subarray(417);
    expect(Buffer.compare(audio, endlessBytes(mode, 7).subarray(0, audio.length))).toBe(0);

    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 29_999) {
      const range = `bytes=${at}-${at + 29_998}`;
      const piece = await test.play(query, { range, 'if-range': whole.headers.etag ?? '' });
      expect(piece.statusCode).toBe(206);
      pieces.push(piece.rawPayload);
    }
    expect(Buffer.compare(Buffer.concat(pieces), bytes)).toBe(0);

    const head = await test.play(query, {}, 'HEAD');
    for (const name of ['content-length', 'etag', 'accept-ranges', 'last-modified']) {
      expect([name, head.headers[name]]).toEqual([name, whole.headers[name]]);
    }
    expect((await test.play(query, { 'if-none-match': whole.headers.etag ?? '' })).statusCode).toBe(304);
    expect((await test.play(query, { range: 'bytes=99999999-' })).statusCode).toBe(416);
  });

  it('ends with the track, as the default, or at the frame that holds the second', async () => {
    // a plays 20 frames, b 21: second 1 is in frame 38.
    const query = '?play_mode=loop&sleep_s=1';
    const track = await test.play(query);
    expect(Buffer.compare(track.rawPayload.subarray(417), test.audioOf(['a.mp3', 'b.mp3']))).toBe(0);
    expect((await test.play(`${query}&sleep_mode=track`)).headers.etag).toBe(track.headers.etag);
    const exact = await test.play(`${query}&sleep_mode=exact`);
    const frames = exact.rawPayload.toString('latin1').match(/[a-h]\.mp3:\d+;/g);
    expect(frames).toHaveLength(Math.floor(1 / FRAME_S) + 1);
    expect(frames?.at(-1)).toBe('b.mp3:18;');
  });

  it('counts from where playing starts', async () => {
    const { rawPayload } = await test.play('?play_mode=loop&sleep_s=1&sleep_mode=exact&from=100.25');
    const frames = rawPayload.toString('latin1').match(/[a-h]\.mp3:\d+;/g) ?? [];
    expect(frames).toHaveLength(39);
    const from = await planOf('?play_mode=loop&from=100.25');
    expect(from.tracks[0]?.filename).toBe(frames[0]?.split(':')[0]);
  });

  it('leaves finite modes that end before as they are, but for the ETag', async () => {
    for (const mode of ['sequential', 'shuffle&seed=3']) {
      const plain = await test.play(`?play_mode=${mode}`);
      const timed = await test.play(`?play_mode=${mode}&sleep_s=600`);
      expect(Buffer.compare(timed.rawPayload, plain.rawPayload)).toBe(0);
      const tags = await Promise.all(
        ['sleep_s=601', 'sleep_s=600&sleep_mode=exact', 'sleep_s=600.0'].map(
          async (timer) => (await test.play(`?play_mode=${mode}&${timer}`, {}, 'HEAD')).headers.etag,
        ),
      );
      expect(new Set([plain.headers.etag, timed.headers.etag, ...tags.slice(0, 2)]).size).toBe(4);
      expect(tags[2]).toBe(timed.headers.etag);
    }
  });

  it('cuts finite modes as well', async () => {
    const { rawPayload } = await test.play('?sleep_s=1');
    expect(Buffer.compare(rawPayload.subarray(417), test.audioOf(['a.mp3', 'b.mp3']))).toBe(0);
  });

  it('goes on with the order of the day before for a request that names it', async () => {
    const query = `?play_mode=endless-shuffle&${SLEEP}`;
    const yesterday = await test.play(query);
    nowMs += 60_000;
    const today = await test.play(query);
    expect(today.headers.etag).not.toBe(yesterday.headers.etag);
    const range = { range: 'bytes=100000-200000', 'if-range': yesterday.headers.etag ?? '' };
    const piece = await test.play(query, range);
    expect(piece.statusCode).toBe(206);
    expect(Buffer.compare(piece.rawPayload, yesterday.rawPayload.subarray(100_000, 200_001))).toBe(0);
  });

  it('is told beforehand by the plan', async () => {
    const query = `?play_mode=endless-shuffle&seed=7&${SLEEP}&from=2`;
    const { rawPayload, headers } = await test.play(query);
    const plan = await planOf(query);
    expect(plan).toMatchObject({ endless: false, etag: headers.etag, total_bytes: rawPayload.length });
    expect(plan.count).toBe(plan.tracks.length);
    for (const { filename, start_byte, length } of plan.tracks.slice(1)) {
      const bytes = rawPayload.subarray(start_byte, start_byte + length);
      expect(Buffer.compare(bytes, test.audioOf([filename]))).toBe(0);
    }
    const end = plan.tracks.reduce((sum, { length }) => sum + length, plan.tracks[0]?.start_byte ?? 0);
    expect(end).toBe(rawPayload.length);
  });

  it('is quick and small for a day of the shortest files, and lists the first of their tracks', async () => {
    for (const name of ['x.mp3', 'y.mp3', 'z.mp3']) await addTrack(test.ports, name, 38);
    await test.put(['x.mp3', 'y.mp3', 'z.mp3']);
    const query = '?play_mode=endless-shuffle&seed=1&sleep_s=86400';
    const last = await test.play(query, { range: 'bytes=-100' });
    expect(last.statusCode).toBe(206);
    const plan = await planOf(query);
    expect(plan.tracks).toHaveLength(10_000);
    expect(plan.count).toBe(Math.floor(86_400 / (38 * FRAME_S)) + 1);
    expect(plan.duration).toBeGreaterThan(86_400);
    expect(plan.total_bytes / FRAME_BYTES).toBeLessThan(plan.duration / FRAME_S);
  });

  it('names a missing part before the first byte', async () => {
    await test.ports.objects.delete(test.tracks.get('b.mp3')?.file.part?.key ?? '');
    const refused = await test.play(`?play_mode=loop&${SLEEP}`);
    expect(refused.json()).toMatchObject({ code: 'missing_part', details: { missing: ['b.mp3'] } });
    const { rawPayload } = await test.play(`?play_mode=loop&sleep_s=1&skip_missing=1`);
    expect(Buffer.compare(rawPayload.subarray(417), test.audioOf(['a.mp3', 'c.mp3']))).toBe(0);
  });

  it('plays by a link and on the path of the predecessor', async () => {
    const made = await test.request('POST', '/api/streams/s/links', { token: test.user.token, body: {} });
    const { token } = made.json<{ token: string }>();
    const query = '?play_mode=loop&sleep_s=1';
    const { etag } = (await test.play(query)).headers;
    for (const url of [MP3, '/streams/s/stream.mp3']) {
      expect((await test.request('GET', `${url}${query}&token=${token}`)).headers.etag).toBe(etag);
    }
  });
});

const never = (): never => {
  throw new Error('It is there.');
};
