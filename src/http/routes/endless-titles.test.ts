import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addTrack } from '../../../test/stream-library.ts';
import { joinTitles, separateTitles } from '../../../test/icy-player.ts';
import { openTestApp } from '../../../test/test-app.ts';
import type { TestApp, TestUser } from '../../../test/test-app.ts';

const INTERVAL_BYTES = 16_000;
/** Nine seconds: within the burst. */
const SOME_BYTES = 9 * INTERVAL_BYTES;

describe('titles in an endless stream', () => {
  let test: TestApp;
  let user: TestUser;
  let port: number;

  beforeEach(async () => {
    test = await openTestApp();
    user = await test.addUser('ann');
    // Two seconds each, and a bit.
    await addTrack(test.ports, 'a.mp3', 100, { title: 'It’s “1”', artist: 'Ann; Bob' });
    await addTrack(test.ports, 'b.mp3', 100, { title: "Rock 'n' Röll 語" });
    await addTrack(test.ports, 'c.mp3', 100, { title: '' });
    const body = { files: ['a.mp3', 'b.mp3', 'c.mp3'], title: 'Gute Nacht 語' };
    await test.request('PUT', '/api/streams/s/queue', { token: user.token, body });
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    port = (test.app.server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    test.app.server.closeAllConnections();
    await test.app.close();
  });

  async function connect(query: string, headers: OutgoingHttpHeaders, method = 'GET') {
    const path = `/api/streams/s/stream.mp3${query}`;
    const authorization = `Bearer ${user.token}`;
    const request = get({ host: '127.0.0.1', port, path, method, headers: { authorization, ...headers } });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    return answer;
  }

  async function hear(answer: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (chunks.reduce((sum, { length }) => sum + length, 0) >= SOME_BYTES) break;
    }
    return Buffer.concat(chunks);
  }

  it.each(['loop', 'endless-shuffle'])('stand between the bytes of %s, which stay the same', async (mode) => {
    const query = `?play_mode=${mode}&seed=4`;
    const plain = await connect(query, {});
    expect(Object.keys(plain.headers).filter((name) => name.startsWith('icy-'))).toEqual([]);
    const titled = await connect(query, { 'Icy-MetaData': '1', range: 'bytes=100-' });
    expect(titled.statusCode).toBe(200);
    expect(titled.headers).toMatchObject({
      'icy-metaint': String(INTERVAL_BYTES),
      'icy-br': '128',
      'content-type': 'audio/mpeg',
      'accept-ranges': 'none',
      'cache-control': 'no-store',
    });
    const { audio, titles } = separateTitles(await hear(titled), INTERVAL_BYTES);
    const bytes = await hear(plain);
    const common = Math.min(audio.length, bytes.length);
    expect(common).toBeGreaterThan(SOME_BYTES / 2);
    expect(Buffer.compare(audio.subarray(0, common), bytes.subarray(0, common))).toBe(0);

    // Each block tells what the bytes behind it belong to.
    const playing = titles.map((_, block) => {
      const behind = audio.subarray((block + 1) * INTERVAL_BYTES).toString('latin1');
      return TITLES[/([abc])\.mp3:\d+;/.exec(behind)?.[1] ?? ''];
    });
    expect(joinTitles(titles).slice(0, -1)).toEqual(playing.slice(0, -1));
    expect(new Set(playing).size).toBeGreaterThan(1);
    expect(titles.filter((title) => title === null).length).toBeGreaterThan(1);
  });

  it('come with the name of the stream, in UTF-8', async () => {
    const { headers } = await connect('?play_mode=loop', { 'icy-metadata': '1' });
    expect(Buffer.from(String(headers['icy-name']), 'latin1').toString()).toBe('Gute Nacht 語');
    const head = await connect('?play_mode=loop', { 'icy-metadata': '1' }, 'HEAD');
    expect(head.headers['icy-metaint']).toBe(String(INTERVAL_BYTES));
  });

  it('are not given to who does not ask, or where there is an end', async () => {
    for (const value of ['0', 'yes', '']) {
      const answer = await connect('?play_mode=loop', { 'icy-metadata': value });
      expect(answer.headers).not.toHaveProperty('icy-metaint');
    }
    for (const query of ['', '?play_mode=shuffle', '?play_mode=loop&sleep_s=60']) {
      const answer = await connect(query, { 'icy-metadata': '1', range: 'bytes=0-99' });
      expect(answer.statusCode).toBe(206);
      expect(answer.headers).not.toHaveProperty('icy-metaint');
    }
  });
});

const TITLES: Readonly<Record<string, string>> = {
  a: 'Ann, Bob - It’s “1”',
  b: 'Rock ’n’ Röll 語',
  c: 'c',
};
