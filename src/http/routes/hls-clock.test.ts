import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEndless, epochTracks } from '../../audio/endless.ts';
import { joinBytes } from '../../audio/fixtures/synthetic-mp3.ts';
import { framesToMs, msToFrame } from '../../audio/frame-pace.ts';
import { createPieceCache } from '../../audio/piece-cache.ts';
import { createPartPresence } from '../../services/part-presence.ts';
import { createRecentQueues } from '../../services/recent-queues.ts';
import { buildApp } from '../app.ts';
import { readPlaylist, unpackSegment } from '../../../test/hls-playlist.ts';
import type { ReadPlaylist } from '../../../test/hls-playlist.ts';
import { addTrack, addUnreadyFile } from '../../../test/stream-library.ts';
import type { Track } from '../../../test/stream-library.ts';
import { openTestApp } from '../../../test/test-app.ts';
import type { TestApp } from '../../../test/test-app.ts';

const LIST = '/api/streams/s/playlist.m3u8';
const PACE = { samplesPerFrame: 1152, sampleRateHz: 44_100 };
/** Within segment 179516160. */
const START_MS = 1_795_161_603_217;
const SEGMENT = 179_516_160;
/** An epoch of all three is 78.4 s. */
const LENGTHS = { 'a.mp3': 1500, 'b.mp3': 1200, 'c.mp3': 300 };
const EPOCH_FRAMES = 3000;

describe('playlist.m3u8 of a stream without end', () => {
  let nowMs: number;
  let test: TestApp;
  let token: string;
  let tracks: Map<string, Track>;

  beforeEach(async () => {
    nowMs = START_MS;
    test = await openTestApp({ clock: () => nowMs });
    ({ token } = await test.addUser('ann'));
    tracks = new Map();
    for (const [name, frames] of Object.entries(LENGTHS))
      tracks.set(name, await addTrack(test.ports, name, frames));
    await put(Object.keys(LENGTHS));
  });
  afterEach(() => test.app.close());

  const put = (files: readonly string[], play_mode = 'loop') =>
    test.request('PUT', '/api/streams/s/queue', { token, body: { files, play_mode } });
  const get = (url: string) => test.request('GET', url, { token });

  async function list(query = '?live=1'): Promise<ReadPlaylist> {
    const answer = await get(LIST + query);
    expect(answer.statusCode).toBe(200);
    return readPlaylist(answer.body, LIST);
  }

  /** Listens for so long, reading the list every five seconds. */
  async function listen(
    seconds: number,
    query = '?live=1',
    between: (atMs: number) => Promise<void> = async () => undefined,
  ) {
    const segments = new Map<number, Buffer>();
    let last = 0;
    for (const endMs = nowMs + seconds * 1000; nowMs < endMs; nowMs += 5000) {
      await between(nowMs);
      const now = await list(query);
      expect(now.sequence).toBeGreaterThanOrEqual(last);
      last = now.sequence;
      for (const { number, url } of now.segments) {
        const segment = await get(url);
        expect(segment.statusCode).toBe(200);
        const held = segments.get(number);
        if (held !== undefined) expect(Buffer.compare(held, segment.rawPayload)).toBe(0);
        segments.set(number, segment.rawPayload);
      }
      if (now.isEnded) break;
    }
    const numbers = [...segments.keys()].sort((a, b) => a - b);
    expect(numbers.at(-1)).toBe((numbers[0] ?? 0) + numbers.length - 1);
    const audio = numbers.map((number) => unpackSegment(segments.get(number) ?? Buffer.alloc(0)).audio);
    return { first: numbers[0] ?? 0, audio: Buffer.concat(audio) };
  }

  /** To so long before the epoch ends that plays. @returns the frame at which it does */
  function goTo(beforeEndMs: number): number {
    const untilFrame = (Math.floor(msToFrame(nowMs, PACE) / EPOCH_FRAMES) + 1) * EPOCH_FRAMES;
    nowMs = framesToMs(untilFrame, PACE) - beforeEndMs;
    return untilFrame;
  }

  const audioOf = (names: readonly string[]) =>
    joinBytes(names.map((name) => tracks.get(name)?.audio ?? never()));
  /** The frames that the bytes hold, as `name:number`. */
  const framesIn = (bytes: Uint8Array) =>
    [
      ...Buffer.from(bytes)
        .toString('latin1')
        .matchAll(/([a-z]\.mp3:\d+);/g),
    ].map(([, frame]) => frame);

  it('is a window around now, of segments that are numbered by the clock', async () => {
    const { headers } = await get(`${LIST}?live=1`);
    expect(headers['cache-control']).toBe('private, max-age=7');
    const { sequence, segments, isEnded, isVod, targetS } = await list();
    expect({ sequence, isEnded, isVod, targetS }).toEqual({
      sequence: SEGMENT - 3,
      isEnded: false,
      isVod: false,
      targetS: 10,
    });
    // A player begins three target durations from the end: where the clock is.
    expect(segments.map(({ number }) => number - SEGMENT)).toEqual([-3, -2, -1, 0, 1, 2]);
    for (const { number, startMs, seconds, url } of segments) {
      expect(Math.abs((startMs ?? 0) - number * 10_000)).toBeLessThan(27);
      expect(seconds).toBeCloseTo(10, 1);
      const { ticks } = unpackSegment((await get(url)).rawPayload);
      const frame = BigInt(msToFrame((startMs ?? 0) + 1, PACE));
      expect(ticks).toBe(((frame * 1152n * 90_000n) / 44_100n) % (1n << 33n));
    }
    nowMs += 6782;
    expect((await get(`${LIST}?live=1`)).headers['cache-control']).toBe('private, max-age=1');
    nowMs += 1;
    expect((await list()).sequence).toBe(SEGMENT - 2);
  });

  it('plays what stream.mp3?live=1 plays, every frame once', async () => {
    const { first, audio } = await listen(120);
    const start = msToFrame(first * 10_000, PACE);
    const expected = framesIn(audioOf(['a.mp3', 'b.mp3', 'c.mp3']));
    const played = framesIn(audio);
    expect(played.length).toBeGreaterThan(17 * 382);
    expect(played.every((frame, index) => frame === expected[(start + index) % EPOCH_FRAMES])).toBe(true);
  });

  it('is told alike by every instance', async () => {
    const { objects, clock } = test.ports;
    const other = await buildApp(
      {
        ...test.ports,
        pieces: createPieceCache(objects, { maxBytes: 1_000_000, pieceBytes: 10_000 }),
        presence: createPartPresence(objects, clock),
        recentQueues: createRecentQueues(),
      },
      { version: '1', publicUrl: null, corsOrigins: [], trustProxy: false },
    );
    await put(['b.mp3', 'c.mp3'], 'endless-shuffle');
    const headers = { authorization: `Bearer ${token}` };
    for (let step = 0; step < 12; step += 1) {
      const one = await get(`${LIST}?live=1`);
      const two = await other.inject({ url: `${LIST}?live=1`, headers });
      expect(two.body).toBe(one.body);
      for (const { url } of readPlaylist(one.body, LIST).segments.slice(-1)) {
        const bytes = (await other.inject({ url, headers })).rawPayload;
        expect(Buffer.compare(bytes, (await get(url)).rawPayload)).toBe(0);
      }
      nowMs += 10_000;
    }
    await other.close();
  });

  it('is heard in the same order by everybody with live=1, else in one of the listener', async () => {
    const bob = await test.addUser('bob');
    const seedsOf = (body: string) => [...new Set([...body.matchAll(/seed=(\d+)/g)].map(([, seed]) => seed))];
    const bodyOf = async (query: string, of = token) =>
      (await test.request('GET', `${LIST}?play_mode=endless-shuffle${query}`, { token: of })).body;
    expect(await bodyOf('&live=1', bob.token)).toBe(await bodyOf('&live=1'));
    expect(seedsOf(await bodyOf('', bob.token))).not.toEqual(seedsOf(await bodyOf('')));
    expect(seedsOf(await bodyOf('&seed=7', bob.token))).toEqual(['7']);
    // At 04:00 the listener's order becomes another, between two segments.
    nowMs = Date.UTC(2026, 10, 21, 4, 0, 5);
    const turning = await bodyOf('');
    expect(seedsOf(turning)).toHaveLength(2);
    for (const { url } of readPlaylist(turning, LIST).segments) expect((await get(url)).statusCode).toBe(200);
  });

  it('lets an edit be heard at the end of the epoch that plays', async () => {
    const untilFrame = (Math.floor(msToFrame(nowMs, PACE) / EPOCH_FRAMES) + 1) * EPOCH_FRAMES;
    const untilMs = framesToMs(untilFrame, PACE);
    // So that what is listed by then does not reach the epoch's end.
    nowMs = Math.round(untilMs) - 70_000;
    const editedAtMs = nowMs + 5000;
    const { first, audio } = await listen(150, '?live=1', async (atMs) => {
      if (atMs === editedAtMs) await put(['c.mp3']);
    });
    const played = framesIn(audio);
    const turn = untilFrame - msToFrame(first * 10_000, PACE);
    const before = framesIn(audioOf(['a.mp3', 'b.mp3', 'c.mp3']));
    const after = framesIn(audioOf(['c.mp3']));
    const start = 2 * EPOCH_FRAMES - turn;
    expect(played.slice(0, turn)).toEqual([...before, ...before].slice(start));
    expect(played.slice(turn).every((frame, index) => frame === after[index % 300])).toBe(true);
    expect(played.length).toBeGreaterThan(turn + 300);
  });

  it('lets stream.mp3?live=1 hear it then, and a connection without it at once', async () => {
    const untilFrame = goTo(60_000);
    await put(['c.mp3']);
    const { port } = await listening();
    const hear = async (query: string) => {
      const controller = new AbortController();
      const answer = await fetch(`http://127.0.0.1:${port}/api/streams/s/stream.mp3${query}`, {
        headers: { authorization: `Bearer ${token}` },
        signal: controller.signal,
      });
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > 100_000) break;
      }
      controller.abort();
      return framesIn(joinBytes(chunks));
    };
    expect((await hear('?live=1'))[0]).toMatch(/^[ab]\.mp3/);
    expect((await hear(''))[0]).toBe('c.mp3:0');
    // Three seconds before the turn: the burst goes across it.
    nowMs = framesToMs(untilFrame, PACE) - 3000;
    const across = await hear('?live=1');
    const turn = across.indexOf('c.mp3:299') + 1;
    expect(turn).toBe(115);
    expect(across.slice(turn, turn + 100)).toEqual(framesIn(audioOf(['c.mp3'])).slice(0, 100));
  });

  it('comes to an end where the mode has one, and is the whole stream after that', async () => {
    const untilFrame = goTo(75_000);
    await put(['c.mp3', 'a.mp3'], 'sequential');
    expect((await list('?play_mode=sequential')).isVod).toBe(true);
    const { audio } = await listen(200, '');
    expect(framesIn(audio).at(-1)).toBe('c.mp3:299');
    nowMs = framesToMs(untilFrame, PACE) + 1;
    expect(await list('')).toMatchObject({ isVod: true, isEnded: true });
  });

  it('lets stream.mp3?live=1 come to that end too, and say so', async () => {
    const untilFrame = goTo(75_000);
    await put(['a.mp3'], 'sequential');
    nowMs = framesToMs(untilFrame, PACE) - 3000;
    const { port } = await listening();
    const answer = await fetch(`http://127.0.0.1:${port}/api/streams/s/stream.mp3?live=1`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const played = framesIn(new Uint8Array(await answer.arrayBuffer()));
    expect(played).toEqual(framesIn(audioOf(['c.mp3'])).slice(-115));
    expect(answer.headers.get('x-play-mode')).toBe('loop');
  });

  it('plays on while a file of the next queue is still being taken in', async () => {
    goTo(75_000);
    await addUnreadyFile(test.ports, 'new.mp3', 'processing');
    await put(['a.mp3', 'new.mp3']);
    expect((await list()).segments).toHaveLength(6);
  });

  it('leaves out what has been deleted of a queue that is edited already', async () => {
    goTo(75_000);
    await put(['b.mp3', 'c.mp3']);
    expect((await test.request('DELETE', '/api/audio/a.mp3', { token: await adminToken() })).statusCode).toBe(
      204,
    );
    const { audio } = await listen(30);
    expect(framesIn(audio).some((frame) => frame?.startsWith('a.mp3'))).toBe(false);
    expect(framesIn(audio).length).toBeGreaterThan(1900);
  });

  it('changes at once with a part, and refuses what was listed before', async () => {
    const before = await list();
    const file = await test.ports.audioFiles.find('default', 'c.mp3');
    const other = await addTrack(test.ports, 'other.mp3', 301);
    await test.ports.audioFiles.save({ ...(file ?? never()), part: other.file.part }, file?.revision ?? 0);
    const after = await list();
    expect(after.sequence).toBe(before.sequence);
    expect(after.segments.map(({ url }) => url)).not.toEqual(before.segments.map(({ url }) => url));
    const first = before.segments[0]?.url ?? '';
    expect((await get(first)).statusCode).toBe(404);
    expect((await get(after.segments[0]?.url ?? '')).statusCode).toBe(200);
  });

  it('keeps the order of epochs going through an edit', async () => {
    await put(Object.keys(LENGTHS), 'endless-shuffle');
    const stream = await test.ports.streams.find('default', 's');
    const { startFrame = 0, firstEpoch = 0 } = stream?.schedule ?? {};
    nowMs = framesToMs(startFrame, PACE) + 1;
    const seed = Number(/seed=(\d+)/.exec((await get(`${LIST}?live=1`)).body)?.[1]);
    const parts = Object.keys(LENGTHS).map((name) => tracks.get(name)?.file.part ?? never());
    const [first] = epochTracks(createEndless(parts, 'endless-shuffle', seed), firstEpoch);
    const name = Object.keys(LENGTHS)[first?.partIndex ?? 0];
    const { segments } = await list();
    const playing = await get(segments[3]?.url ?? '');
    expect(framesIn(playing.rawPayload)).toContain(`${name}:0`);
  });

  const adminToken = async () => (await test.addUser('root', { isAdmin: true })).token;

  async function listening() {
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    return test.app.server.address() as { port: number };
  }
});

const never = (): never => {
  throw new Error('It is there.');
};
