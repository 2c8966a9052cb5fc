import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { joinBytes } from '../../audio/fixtures/synthetic-mp3.ts';
import { hashSecretToken } from '../../services/secret-token.ts';
import { addTrack, addUnreadyFile } from '../../../test/stream-library.ts';
import type { Track } from '../../../test/stream-library.ts';
import { openTestApp } from '../../../test/test-app.ts';
import type { TestApp, TestUser } from '../../../test/test-app.ts';

const HOUR_MS = 3_600_000;
const NAMES = ['a.mp3', 'b.mp3', 'c.mp3', 'd.mp3', 'e.mp3', 'f.mp3', 'g.mp3', 'h.mp3'];
const MP3 = '/api/streams/s/stream.mp3';

interface Plan {
  etag?: string;
  total_bytes: number;
  tracks: { filename: string; start_byte: number; length: number; title: string }[];
}

describe('stream.mp3 of finite modes', () => {
  let nowMs: number;
  let test: TestApp;
  let user: TestUser;
  let tracks: Map<string, Track>;

  async function open(): Promise<TestApp> {
    const opened = await openTestApp({ clock: () => nowMs, policy: { utcOffsetMinutes: () => 60 } });
    tracks = new Map();
    for (const [index, name] of NAMES.entries())
      tracks.set(name, await addTrack(opened.ports, name, 20 + index));
    return opened;
  }
  beforeEach(async () => {
    nowMs = Date.UTC(2026, 10, 21, 12);
    test = await open();
    user = await test.addUser('ann');
    await test.request('PUT', '/api/streams/s/queue', { token: user.token, body: { files: NAMES } });
  });
  afterEach(() => test.app.close());

  const play = (query = '', headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
    test.request(method, MP3 + query, { token: user.token, headers });
  const audioOf = (names: readonly string[]) =>
    joinBytes(names.map((name) => tracks.get(name)?.audio ?? new Uint8Array(0)));
  /** The names of the tracks in the bytes, by the first frame of each. */
  const heard = ({ rawPayload }: Pick<LightMyRequestResponse, 'rawPayload'>) =>
    [...rawPayload.toString('latin1').matchAll(/([a-h]\.mp3):0;/g)].map(([, name]) => name);

  it('begin with one Info frame, and go on with every frame of every part', async () => {
    const answer = await play();
    expect(answer.statusCode).toBe(200);
    const audio = audioOf(NAMES);
    const leadBytes = answer.rawPayload.length - audio.length;
    expect(answer.rawPayload.subarray(0, leadBytes).toString('latin1')).toContain('Info');
    expect(Buffer.compare(answer.rawPayload.subarray(leadBytes), audio)).toBe(0);
    expect(answer.headers).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-length': String(answer.rawPayload.length),
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      'last-modified': 'Sat, 21 Nov 2026 12:00:00 GMT',
      'x-stream-name': 's',
      'x-file-count': '8',
      'x-play-mode': 'sequential',
    });
    expect(answer.headers).not.toHaveProperty('x-seed');
  });

  it.each(['sequential', 'shuffle'])('rejoin from ranges to the whole (%s), for both paths', async (mode) => {
    const query = `?play_mode=${mode}`;
    const whole = await play(query);
    const etag = whole.headers.etag ?? '';
    const pieces: Buffer[] = [];
    for (let at = 0, turn = 0; at < whole.rawPayload.length; at += 4999, turn += 1) {
      const url = (turn % 2 === 0 ? MP3 : '/streams/s/stream.mp3') + query;
      const headers = { range: `bytes=${at}-${at + 4998}`, 'if-range': etag };
      const piece = await test.request('GET', url, { token: user.token, headers });
      expect(piece.statusCode).toBe(206);
      pieces.push(piece.rawPayload);
    }
    expect(Buffer.compare(Buffer.concat(pieces), whole.rawPayload)).toBe(0);
  });

  it('answer HEAD as GET, and conditions', async () => {
    const get = await play();
    const head = await play('', { range: 'bytes=0-9' }, 'HEAD');
    expect(head.statusCode).toBe(200);
    expect(head.rawPayload.length).toBe(0);
    for (const name of [
      'etag',
      'content-length',
      'accept-ranges',
      'last-modified',
      'x-stream-name',
      'x-file-count',
    ]) {
      expect([name, head.headers[name]]).toEqual([name, get.headers[name]]);
    }
    const etag = get.headers.etag ?? '';
    expect((await play('', { 'if-none-match': etag })).statusCode).toBe(304);
    expect((await play('', { 'if-match': '"another"' })).statusCode).toBe(412);
    const past = await play('', { range: 'bytes=99999999-' });
    expect(past.statusCode).toBe(416);
    expect(past.headers['content-range']).toBe(`bytes */${get.rawPayload.length}`);
    expect(
      (await play('', { range: 'bytes=0-1', 'if-range': get.headers['last-modified'] ?? '' })).statusCode,
    ).toBe(206);
  });

  it('keep their ETag over a new title, and not over a new part or order', async () => {
    const etag = async () => (await play('', {}, 'HEAD')).headers.etag;
    const before = await etag();
    const file = tracks.get('a.mp3')?.file;
    if (file === undefined) throw new Error('There is an a.mp3.');
    const renamed = await test.ports.audioFiles.save({ ...file, title: 'Another' }, file.revision);
    expect(await etag()).toBe(before);
    const part = tracks.get('b.mp3')?.file.part;
    await test.ports.audioFiles.save({ ...renamed, part }, renamed.revision);
    expect(await etag()).not.toBe(before);
  });

  it('answer a range without If-Range after an edit from what is there now', async () => {
    const old = (await play()).headers.etag ?? '';
    await test.request('PUT', '/api/streams/s/queue', {
      token: user.token,
      body: { files: ['h.mp3', 'a.mp3'] },
    });
    const now = await play();
    const piece = await play('', { range: 'bytes=1000-1999' });
    expect(Buffer.compare(piece.rawPayload, now.rawPayload.subarray(1000, 2000))).toBe(0);
    const stale = await play('', { range: 'bytes=1000-1999', 'if-range': old });
    expect(stale.statusCode).toBe(200);
    expect(stale.rawPayload.length).toBe(now.rawPayload.length);
  });

  it('shuffle by the seed that is asked for, and tell it', async () => {
    const one = await play('?play_mode=shuffle&seed=7');
    expect(one.headers['x-seed']).toBe('7');
    expect(heard(one).toSorted()).toEqual(NAMES);
    expect(heard(await play('?play_mode=shuffle&seed=7'))).toEqual(heard(one));
    expect(heard(await play('?play_mode=shuffle&seed=8'))).not.toEqual(heard(one));
  });

  it('shuffle without a seed by listener and day: the same from every instance, another tomorrow', async () => {
    const here = await play('?play_mode=shuffle');
    expect(heard(await play('?play_mode=shuffle'))).toEqual(heard(here));
    const seeded = await play(`?play_mode=shuffle&seed=${here.headers['x-seed'] as string}`);
    expect(seeded.headers.etag).toBe(here.headers.etag);

    const elsewhere = await open();
    await elsewhere.ports.users.create((await test.ports.users.findById(user.id)) ?? never());
    const session = await test.ports.sessions.findByTokenHash(hashSecretToken(user.token));
    await elsewhere.ports.sessions.create(session ?? never());
    await elsewhere.request('PUT', '/api/streams/s/queue', { token: user.token, body: { files: NAMES } });
    const there = await elsewhere.request('GET', `${MP3}?play_mode=shuffle`, { token: user.token });
    expect(there.headers['x-seed']).toBe(here.headers['x-seed']);
    expect(Buffer.compare(there.rawPayload, here.rawPayload)).toBe(0);
    await elsewhere.app.close();

    const other = await test.addUser('bob');
    const others = await test.request('GET', `${MP3}?play_mode=shuffle`, { token: other.token });
    expect(others.headers['x-seed']).not.toBe(here.headers['x-seed']);
  });

  it('turn the day at 04:00 server time, and go on with the order that a request names', async () => {
    // Server time is an hour ahead of UTC.
    nowMs = Date.UTC(2026, 10, 22, 3) - 1;
    const yesterday = await play('?play_mode=shuffle');
    nowMs += 1;
    const today = await play('?play_mode=shuffle');
    expect(today.headers['x-seed']).not.toBe(yesterday.headers['x-seed']);
    expect(today.headers['last-modified']).toBe('Sun, 22 Nov 2026 03:00:00 GMT');
    nowMs += 23 * HOUR_MS;
    expect((await play('?play_mode=shuffle')).headers['x-seed']).toBe(today.headers['x-seed']);

    const etag = yesterday.headers.etag ?? '';
    const piece = await play('?play_mode=shuffle', { range: 'bytes=5000-9999', 'if-range': etag });
    expect(piece.statusCode).toBe(206);
    expect(piece.headers['x-seed']).toBe(yesterday.headers['x-seed']);
    expect(Buffer.compare(piece.rawPayload, yesterday.rawPayload.subarray(5000, 10_000))).toBe(0);
    expect((await play('?play_mode=shuffle', { 'if-match': etag })).headers.etag).toBe(etag);
    expect((await play('?play_mode=shuffle', { 'if-none-match': `"x", W/${etag}` })).statusCode).toBe(304);

    nowMs += HOUR_MS;
    const late = await play('?play_mode=shuffle', { range: 'bytes=5000-9999', 'if-range': etag });
    expect(late.statusCode).toBe(200);
    await test.request('PATCH', '/api/streams/s', { token: user.token, body: { play_mode: 'shuffle' } });
    const dated = await play('', { range: 'bytes=0-1', 'if-range': late.headers['last-modified'] ?? '' });
    expect(dated.statusCode).toBe(200);
  });

  it('start at a second, as an MP3 of its own', async () => {
    const whole = await play();
    // Frame 19 of the first track begins at 0.496 s; 20 frames long, the second begins at 0.522 s.
    const cut = await play('?from=0.5');
    const leadBytes = whole.rawPayload.length - audioOf(NAMES).length;
    const dropped = Buffer.from(audioOf(['a.mp3'])).indexOf('a.mp3:19;') - 40;
    const expected = audioOf(NAMES).subarray(dropped);
    expect(Buffer.compare(cut.rawPayload.subarray(leadBytes), expected)).toBe(0);
    expect(cut.headers.etag).not.toBe(whole.headers.etag);
    expect(cut.headers['x-file-count']).toBe('8');
    const piece = await play('?from=0.5', { range: 'bytes=3000-3999', 'if-range': cut.headers.etag ?? '' });
    expect(Buffer.compare(piece.rawPayload, cut.rawPayload.subarray(3000, 4000))).toBe(0);
    expect((await play('?from=0')).headers.etag).toBe(whole.headers.etag);
    expect((await play('?from=3600')).statusCode).toBe(400);
  });

  it('are told beforehand by the plan', async () => {
    for (const query of ['', '?play_mode=shuffle', '?play_mode=shuffle&seed=3']) {
      const answer = await play(query);
      const plan = (
        await test.request('GET', `/api/streams/s/plan${query}`, { token: user.token })
      ).json<Plan>();
      expect(plan.etag).toBe(answer.headers.etag);
      expect(plan.total_bytes).toBe(answer.rawPayload.length);
      expect(plan.tracks.map(({ filename }) => filename)).toEqual(heard(answer));
      for (const { filename, start_byte, length, title } of plan.tracks) {
        expect(title).toBe(`Title of ${filename}`);
        const bytes = answer.rawPayload.subarray(start_byte, start_byte + length);
        expect(Buffer.compare(bytes, audioOf([filename]))).toBe(0);
      }
    }
  });

  it('name every missing part before the first byte, or leave it out', async () => {
    const body = { files: ['a.mp3', 'b.mp3', 'c.mp3', 'd.mp3'] };
    await test.request('PUT', '/api/streams/s/queue', { token: user.token, body });
    await test.ports.objects.delete(tracks.get('b.mp3')?.file.part?.key ?? '');
    await test.ports.objects.write(tracks.get('d.mp3')?.file.part?.key ?? '', [new Uint8Array(5)]);
    await test.ports.audioFiles.delete('default', 'c.mp3');
    for (const method of ['GET', 'HEAD'] as const) expect((await play('', {}, method)).statusCode).toBe(409);
    const refused = await play();
    expect(refused.json()).toMatchObject({ code: 'missing_part', details: { missing: ['c.mp3'] } });
    await addUnreadyFile(test.ports, 'c.mp3', 'failed');
    expect((await play()).json()).toMatchObject({ details: { missing: ['c.mp3'] } });
    await test.ports.audioFiles.delete('default', 'c.mp3');
    await addTrack(test.ports, 'c.mp3', 5);
    expect((await play()).json()).toMatchObject({ details: { missing: ['b.mp3', 'd.mp3'] } });

    const skipping = await play('?skip_missing=1');
    expect(heard(skipping)).toEqual(['a.mp3', 'c.mp3']);
    expect(skipping.headers['x-file-count']).toBe('2');
    await test.request('PUT', '/api/streams/s/queue', {
      token: user.token,
      body: { files: ['b.mp3', 'd.mp3'] },
    });
    expect((await play('?skip_missing=1')).json()).toMatchObject({ status: 409, code: 'missing_part' });
  });

  it('wait for what is still being taken in', async () => {
    const coming = await addUnreadyFile(test.ports, 'new.mp3', 'processing');
    await test.request('PUT', '/api/streams/s/queue', {
      token: user.token,
      body: { files: ['a.mp3', 'new.mp3'] },
    });
    const plan = await test.request('GET', '/api/streams/s/plan', { token: user.token });
    expect(plan.json()).toMatchObject({ status: 409, code: 'not_ready', details: { files: ['new.mp3'] } });
    expect(plan.headers['retry-after']).toBe('5');
    const playing = play();
    const part = tracks.get('b.mp3')?.file.part;
    await test.ports.audioFiles.save({ ...coming, state: 'ready', part }, coming.revision);
    expect(heard(await playing)).toEqual(['a.mp3', 'b.mp3']);
  });

  it.each([
    ['/api/streams/nobody/stream.mp3', 404, 'not_found'],
    ['/api/streams/a%20b/stream.mp3', 400, 'invalid_input'],
    [`${MP3}?play_mode=backwards`, 400, 'invalid_input'],
    [`${MP3}?play_mode=shuffle&seed=4294967296`, 400, 'invalid_input'],
    [`${MP3}?seed=-1`, 400, 'invalid_input'],
    [`${MP3}?seed=1.5`, 400, 'invalid_input'],
    [`${MP3}?seed=`, 400, 'invalid_input'],
    [`${MP3}?from=-1`, 400, 'invalid_input'],
    [`${MP3}?from=soon`, 400, 'invalid_input'],
    [`${MP3}?from=1&live=1`, 400, 'invalid_input'],
    ['/api/streams/empty/stream.mp3', 409, 'conflict'],
    ['/api/streams/empty/stream.mp3?play_mode=loop', 409, 'conflict'],
    ['/api/streams/s/plan?seed=x', 400, 'invalid_input'],
  ])('refuse %s', async (url, status, code) => {
    await test.request('PUT', '/api/streams/empty/queue', { token: user.token, body: { files: [] } });
    const answer = await test.request('GET', url, { token: user.token });
    expect(answer.json()).toMatchObject({ status, code });
    expect((await test.request('HEAD', url, { token: user.token })).statusCode).toBe(status);
  });

  it('play by a link, which opens nothing else', async () => {
    const made = await test.request('POST', '/api/streams/s/links', { token: user.token, body: {} });
    const { token } = made.json<{ token: string }>();
    const byLink = (url: string) => test.request('GET', `${url}token=${token}`);
    const answer = await byLink(`${MP3}?play_mode=shuffle&`);
    expect(answer.statusCode).toBe(200);
    expect((await byLink(`/streams/s/stream.mp3?play_mode=shuffle&`)).headers['x-seed']).toBe(
      answer.headers['x-seed'],
    );
    await test.request('PUT', '/api/streams/t/queue', { token: user.token, body: { files: ['a.mp3'] } });
    expect((await byLink('/api/streams/t/stream.mp3?')).statusCode).toBe(404);
    expect((await byLink('/api/streams/s/plan?')).statusCode).toBe(401);
  });
});

const never = (): never => {
  throw new Error('It is there.');
};
