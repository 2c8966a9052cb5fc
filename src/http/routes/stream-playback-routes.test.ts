import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { heard, MP3, NAMES, openPlayingApp } from '../../../test/playing-app.ts';
import type { PlayingApp } from '../../../test/playing-app.ts';
import { addTrack, addUnreadyFile } from '../../../test/stream-library.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 12);

interface Plan {
  etag?: string;
  total_bytes: number;
  tracks: { filename: string; start_byte: number; length: number; title: string }[];
}

describe('stream.mp3 of finite modes', () => {
  let test: PlayingApp;

  beforeEach(async () => {
    test = await openPlayingApp({ clock: () => NOW_MS });
  });
  afterEach(() => test.app.close());

  it('begin with one Info frame, and go on with every frame of every part', async () => {
    const answer = await test.play();
    expect(answer.statusCode).toBe(200);
    const audio = test.audioOf(NAMES);
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
    const whole = await test.play(query);
    const etag = whole.headers.etag ?? '';
    const pieces: Buffer[] = [];
    for (let at = 0, turn = 0; at < whole.rawPayload.length; at += 4999, turn += 1) {
      const url = (turn % 2 === 0 ? MP3 : '/streams/s/stream.mp3') + query;
      const headers = { range: `bytes=${at}-${at + 4998}`, 'if-range': etag };
      const piece = await test.request('GET', url, { token: test.user.token, headers });
      expect(piece.statusCode).toBe(206);
      pieces.push(piece.rawPayload);
    }
    expect(Buffer.compare(Buffer.concat(pieces), whole.rawPayload)).toBe(0);
  });

  it('answer HEAD as GET, and conditions', async () => {
    const get = await test.play();
    const head = await test.play('', { range: 'bytes=0-9' }, 'HEAD');
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
    expect((await test.play('', { 'if-none-match': etag })).statusCode).toBe(304);
    expect((await test.play('', { 'if-match': '"another"' })).statusCode).toBe(412);
    const past = await test.play('', { range: 'bytes=99999999-' });
    expect(past.statusCode).toBe(416);
    expect(past.headers['content-range']).toBe(`bytes */${get.rawPayload.length}`);
    expect(
      (await test.play('', { range: 'bytes=0-1', 'if-range': get.headers['last-modified'] ?? '' }))
        .statusCode,
    ).toBe(206);
  });

  it('keep their ETag over a new title, and not over a new part or order', async () => {
    const etag = async () => (await test.play('', {}, 'HEAD')).headers.etag;
    const before = await etag();
    const file = test.tracks.get('a.mp3')?.file;
    if (file === undefined) throw new Error('There is an a.mp3.');
    const renamed = await test.ports.audioFiles.save({ ...file, title: 'Another' }, file.revision);
    expect(await etag()).toBe(before);
    const part = test.tracks.get('b.mp3')?.file.part;
    await test.ports.audioFiles.save({ ...renamed, part }, renamed.revision);
    expect(await etag()).not.toBe(before);
  });

  it('answer a range without If-Range after an edit from what is there now', async () => {
    const old = (await test.play()).headers.etag ?? '';
    await test.put(['h.mp3', 'a.mp3']);
    const now = await test.play();
    const piece = await test.play('', { range: 'bytes=1000-1999' });
    expect(Buffer.compare(piece.rawPayload, now.rawPayload.subarray(1000, 2000))).toBe(0);
    const stale = await test.play('', { range: 'bytes=1000-1999', 'if-range': old });
    expect(stale.statusCode).toBe(200);
    expect(stale.rawPayload.length).toBe(now.rawPayload.length);
  });

  it('start at a second, as an MP3 of its own', async () => {
    const whole = await test.play();
    // Frame 19 of the first track begins at 0.496 s; 20 frames long, the second begins at 0.522 s.
    const cut = await test.play('?from=0.5');
    const leadBytes = whole.rawPayload.length - test.audioOf(NAMES).length;
    const dropped = Buffer.from(test.audioOf(['a.mp3'])).indexOf('a.mp3:19;') - 40;
    const expected = test.audioOf(NAMES).subarray(dropped);
    expect(Buffer.compare(cut.rawPayload.subarray(leadBytes), expected)).toBe(0);
    expect(cut.headers.etag).not.toBe(whole.headers.etag);
    expect(cut.headers['x-file-count']).toBe('8');
    const piece = await test.play('?from=0.5', {
      range: 'bytes=3000-3999',
      'if-range': cut.headers.etag ?? '',
    });
    expect(Buffer.compare(piece.rawPayload, cut.rawPayload.subarray(3000, 4000))).toBe(0);
    expect((await test.play('?from=0')).headers.etag).toBe(whole.headers.etag);
    expect((await test.play('?from=3600')).statusCode).toBe(400);
  });

  it('are told beforehand by the plan', async () => {
    for (const query of ['', '?play_mode=shuffle', '?play_mode=shuffle&seed=3']) {
      const answer = await test.play(query);
      const plan = (
        await test.request('GET', `/api/streams/s/plan${query}`, { token: test.user.token })
      ).json<Plan>();
      expect(plan.etag).toBe(answer.headers.etag);
      expect(plan.total_bytes).toBe(answer.rawPayload.length);
      expect(plan.tracks.map(({ filename }) => filename)).toEqual(heard(answer));
      for (const { filename, start_byte, length, title } of plan.tracks) {
        expect(title).toBe(`Title of ${filename}`);
        const bytes = answer.rawPayload.subarray(start_byte, start_byte + length);
        expect(Buffer.compare(bytes, test.audioOf([filename]))).toBe(0);
      }
    }
  });

  it('have covers in the plan, for whoever shows what comes next', async () => {
    const plan = async () => {
      const url = '/api/streams/s/plan?play_mode=shuffle&seed=7';
      const headers = { host: 'earshot.local:8080' };
      const answer = await test.request('GET', url, { token: test.user.token, headers });
      return answer.json<{ tracks: { filename: string; cover_url?: string }[] }>().tracks;
    };
    expect((await plan()).filter(({ cover_url }) => cover_url !== undefined)).toEqual([]);
    const file = await test.ports.audioFiles.find('default', 'c.mp3');
    if (file === null) throw new Error('There is a file c.mp3.');
    await test.ports.audioFiles.save({ ...file, coverKey: 'covers/1.jpg' }, file.revision);
    const covered = (await plan()).filter(({ cover_url }) => cover_url !== undefined);
    const cover_url = 'http://earshot.local:8080/api/audio/c.mp3/cover';
    expect(covered).toMatchObject([{ filename: 'c.mp3', cover_url }]);
  });

  it('name every missing part before the first byte, or leave it out', async () => {
    await test.put(['a.mp3', 'b.mp3', 'c.mp3', 'd.mp3']);
    await test.ports.objects.delete(test.tracks.get('b.mp3')?.file.part?.key ?? '');
    await test.ports.objects.write(test.tracks.get('d.mp3')?.file.part?.key ?? '', [new Uint8Array(5)]);
    await test.ports.audioFiles.delete('default', 'c.mp3');
    for (const method of ['GET', 'HEAD'] as const)
      expect((await test.play('', {}, method)).statusCode).toBe(409);
    const refused = await test.play();
    expect(refused.json()).toMatchObject({ code: 'missing_part', details: { missing: ['c.mp3'] } });
    await addUnreadyFile(test.ports, 'c.mp3', 'failed');
    expect((await test.play()).json()).toMatchObject({ details: { missing: ['c.mp3'] } });
    await test.ports.audioFiles.delete('default', 'c.mp3');
    await addTrack(test.ports, 'c.mp3', 5);
    expect((await test.play()).json()).toMatchObject({ details: { missing: ['b.mp3', 'd.mp3'] } });

    const skipping = await test.play('?skip_missing=1');
    expect(heard(skipping)).toEqual(['a.mp3', 'c.mp3']);
    expect(skipping.headers['x-file-count']).toBe('2');
    await test.put(['b.mp3', 'd.mp3']);
    expect((await test.play('?skip_missing=1')).json()).toMatchObject({ status: 409, code: 'missing_part' });
  });

  it('wait for what is still being taken in', async () => {
    const coming = await addUnreadyFile(test.ports, 'new.mp3', 'processing');
    await test.put(['a.mp3', 'new.mp3']);
    const plan = await test.request('GET', '/api/streams/s/plan', { token: test.user.token });
    expect(plan.json()).toMatchObject({ status: 409, code: 'not_ready', details: { files: ['new.mp3'] } });
    expect(plan.headers['retry-after']).toBe('5');
    const playing = test.play();
    const part = test.tracks.get('b.mp3')?.file.part;
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
    [`${MP3}?play_mode=loop&live=1&sleep_s=60`, 400, 'invalid_input'],
    [`${MP3}?sleep_s=0.999`, 400, 'invalid_input'],
    [`${MP3}?sleep_s=86400.001`, 400, 'invalid_input'],
    [`${MP3}?sleep_s=-1`, 400, 'invalid_input'],
    [`${MP3}?sleep_s=`, 400, 'invalid_input'],
    [`${MP3}?sleep_s=soon`, 400, 'invalid_input'],
    [`${MP3}?sleep_s=60&sleep_s=61`, 400, 'invalid_input'],
    [`${MP3}?sleep_s=60&sleep_mode=never`, 400, 'invalid_input'],
    ['/api/streams/s/plan?sleep_s=0', 400, 'invalid_input'],
    ['/api/streams/s/plan?from=3600', 400, 'invalid_input'],
    ['/api/streams/empty/stream.mp3', 409, 'conflict'],
    ['/api/streams/empty/stream.mp3?play_mode=loop', 409, 'conflict'],
    ['/api/streams/s/plan?seed=x', 400, 'invalid_input'],
  ])('refuse %s', async (url, status, code) => {
    await test.request('PUT', '/api/streams/empty/queue', { token: test.user.token, body: { files: [] } });
    const answer = await test.request('GET', url, { token: test.user.token });
    expect(answer.json()).toMatchObject({ status, code });
    expect((await test.request('HEAD', url, { token: test.user.token })).statusCode).toBe(status);
  });

  it('play by a link, which opens nothing else', async () => {
    const made = await test.request('POST', '/api/streams/s/links', { token: test.user.token, body: {} });
    const { token } = made.json<{ token: string }>();
    const byLink = (url: string) => test.request('GET', `${url}token=${token}`);
    const answer = await byLink(`${MP3}?play_mode=shuffle&`);
    expect(answer.statusCode).toBe(200);
    expect((await byLink(`/streams/s/stream.mp3?play_mode=shuffle&`)).headers['x-seed']).toBe(
      answer.headers['x-seed'],
    );
    await test.request('PUT', '/api/streams/t/queue', { token: test.user.token, body: { files: ['a.mp3'] } });
    expect((await byLink('/api/streams/t/stream.mp3?')).statusCode).toBe(404);
    expect((await byLink('/api/streams/s/plan?')).statusCode).toBe(401);
  });
});
