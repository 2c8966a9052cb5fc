import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { joinBytes } from '../../audio/fixtures/synthetic-mp3.ts';
import { epochTracks, createEndless } from '../../audio/endless.ts';
import type { PlayMode } from '../../domain/play-mode.ts';
import { addTrack } from '../../../test/stream-library.ts';
import type { Track } from '../../../test/stream-library.ts';
import { openTestApp } from '../../../test/test-app.ts';
import type { TestApp, TestUser } from '../../../test/test-app.ts';

const MP3 = '/api/streams/s/stream.mp3';
const NAMES = ['a.mp3', 'b.mp3', 'c.mp3'];
const FRAMES = 100;
const FRAME_MS = (1152 * 1000) / 44_100;
/** Five seconds: three turns through the queue would take 24. */
const SOME_BYTES = 80_000;

describe('stream.mp3 of endless modes', () => {
  let test: TestApp;
  let user: TestUser;
  let tracks: Track[];
  let port: number;

  beforeEach(async () => {
    test = await openTestApp();
    user = await test.addUser('ann');
    tracks = [];
    for (const name of NAMES) tracks.push(await addTrack(test.ports, name, FRAMES));
    await put(NAMES);
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    port = (test.app.server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    test.app.server.closeAllConnections();
    await test.app.close();
  });

  const put = (files: readonly string[]) =>
    test.request('PUT', '/api/streams/s/queue', { token: user.token, body: { files } });

  const connect = async (query: string, headers: IncomingHttpHeaders = {}): Promise<IncomingMessage> => {
    const authorization = `Bearer ${user.token}`;
    const request = get({
      host: '127.0.0.1',
      port,
      path: MP3 + query,
      headers: { authorization, ...headers },
    });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    return answer;
  };

  /** The first bytes of an answer, which is then left. */
  async function hear(answer: IncomingMessage, lengthBytes = SOME_BYTES): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let heardBytes = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      heardBytes += chunk.length;
      if (heardBytes >= lengthBytes) break;
    }
    return Buffer.concat(chunks).subarray(0, lengthBytes);
  }

  /** What must come, of the first epochs. */
  function expected(mode: PlayMode, seed: number): Uint8Array {
    const parts = tracks.map(({ file }) => file.part ?? never());
    const endless = createEndless(parts, mode, seed);
    const epochs = [0, 1, 2].flatMap((epoch) => epochTracks(endless, epoch));
    return joinBytes(epochs.map(({ partIndex }) => tracks[partIndex]?.audio ?? never()));
  }

  it.each(['loop', 'endless-shuffle'] as const)('play %s without end, length or ranges', async (mode) => {
    const answer = await connect(`?play_mode=${mode}&seed=7`, { range: 'bytes=100-199' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'audio/mpeg',
      'accept-ranges': 'none',
      'cache-control': 'no-store',
      'x-stream-name': 's',
      'x-file-count': '3',
      'x-play-mode': mode,
    });
    expect(answer.headers['x-seed']).toBe(mode === 'loop' ? undefined : '7');
    for (const name of ['content-length', 'content-range', 'etag', 'last-modified', 'transfer-encoding']) {
      expect(answer.headers).not.toHaveProperty(name);
    }
    expect(answer.headers['connection']).toBe('close');
    // 10 s of burst hold more than one turn of 7.8 s.
    const bytes = await hear(answer, 150_000);
    expect(Buffer.compare(bytes, expected(mode, 7).subarray(0, bytes.length))).toBe(0);
  });

  it('give a listener who comes again the same bytes', async () => {
    const one = await connect('?play_mode=endless-shuffle');
    const two = await connect('?play_mode=endless-shuffle');
    expect(two.headers['x-seed']).toBe(one.headers['x-seed']);
    const [first, second] = [await hear(one), await hear(two)];
    expect(Buffer.compare(first, second)).toBe(0);
    const seed = Number(one.headers['x-seed']);
    expect(Buffer.compare(first, expected('endless-shuffle', seed).subarray(0, first.length))).toBe(0);
  });

  it('answer HEAD with the headers only', async () => {
    const head = await test.request('HEAD', `${MP3}?play_mode=loop`, { token: user.token });
    expect(head.statusCode).toBe(200);
    expect(head.rawPayload.length).toBe(0);
    expect(head.headers).toMatchObject({
      'accept-ranges': 'none',
      'cache-control': 'no-store',
      'x-play-mode': 'loop',
    });
    expect(head.headers).not.toHaveProperty('content-length');
  });

  it('start at a time, rounded down to a frame', async () => {
    // Into the second track, in the second turn.
    const frame = 3 * FRAMES + FRAMES + 70;
    const fromS = ((frame + 0.5) * FRAME_MS) / 1000;
    const bytes = await hear(await connect(`?play_mode=loop&from=${fromS.toFixed(6)}`));
    const start = Buffer.from(expected('loop', 0)).indexOf('b.mp3:70;') - 40;
    const turnBytes = tracks.reduce((sum, { audio }) => sum + audio.length, 0);
    const from = expected('loop', 0).subarray(turnBytes + start);
    const shared = Math.min(from.length, bytes.length);
    expect(Buffer.compare(bytes.subarray(0, shared), from.subarray(0, shared))).toBe(0);
  });

  it('play live for everybody in step', async () => {
    const other = await test.addUser('bob');
    const query = '?play_mode=endless-shuffle&live=1';
    const mine = await connect(query);
    const theirs = await connect(query, { authorization: `Bearer ${other.token}` });
    expect(theirs.headers['x-seed']).toBe(mine.headers['x-seed']);
    expect((await connect('?play_mode=endless-shuffle')).headers['x-seed']).not.toBe(mine.headers['x-seed']);

    const before = Date.now();
    const bytes = await hear(await connect('?play_mode=loop&live=1'), 1000);
    const [, name = '', number = ''] = /([abc]\.mp3):(\d+);/.exec(bytes.toString('latin1')) ?? [];
    const frame = NAMES.indexOf(name) * FRAMES + Number(number);
    const clockFrame = Math.floor(before / FRAME_MS) % (3 * FRAMES);
    const aheadFrames = (frame - clockFrame + 3 * FRAMES) % (3 * FRAMES);
    expect(aheadFrames).toBeLessThan(3000 / FRAME_MS);
  });

  it('pace themselves after a burst of 10 s, and keep the plan that they began with', async () => {
    const startedAtMs = performance.now();
    const answer = await connect('?play_mode=loop');
    const chunks = (answer as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    const first = await chunks.next();
    await put(['c.mp3']);
    const wantedBytes = (12_000 / FRAME_MS) * 417.4;
    const heard: Buffer[] = first.done === true ? [] : [first.value];
    while (heard.reduce((sum, { length }) => sum + length, 0) < wantedBytes) {
      const step = await chunks.next();
      if (step.done === true) break;
      heard.push(step.value);
    }
    expect(performance.now() - startedAtMs).toBeGreaterThan(900);
    const bytes = Buffer.concat(heard);
    expect(Buffer.compare(bytes, expected('loop', 0).subarray(0, bytes.length))).toBe(0);
    answer.destroy();
  });

  it('name a missing part before they begin, or leave it out', async () => {
    await test.ports.objects.delete(tracks[1]?.file.part?.key ?? '');
    const refused = await test.request('GET', `${MP3}?play_mode=loop`, { token: user.token });
    expect(refused.json()).toMatchObject({ code: 'missing_part', details: { missing: ['b.mp3'] } });
    const answer = await connect('?play_mode=loop&skip_missing=1');
    expect(answer.headers['x-file-count']).toBe('2');
    const bytes = await hear(answer);
    const audio = joinBytes([tracks[0]?.audio ?? never(), tracks[2]?.audio ?? never()]);
    expect(Buffer.compare(bytes, audio.subarray(0, bytes.length))).toBe(0);
  });

  it('plan one turn, in bytes of the endless stream', async () => {
    const answer = await test.request('GET', '/api/streams/s/plan?play_mode=endless-shuffle&seed=7', {
      token: user.token,
    });
    const plan = answer.json<{ tracks: { filename: string; start_byte: number; length: number }[] }>();
    expect(plan).toMatchObject({ endless: true, play_mode: 'endless-shuffle', seed: 7, count: 3 });
    expect(plan).not.toHaveProperty('etag');
    for (const { filename, start_byte, length } of plan.tracks) {
      const bytes = expected('endless-shuffle', 7).subarray(start_byte, start_byte + length);
      const track = tracks.find(({ file }) => file.filename === filename);
      expect(Buffer.compare(bytes, track?.audio ?? never())).toBe(0);
    }
  });
});

const never = (): never => {
  throw new Error('It is there.');
};
