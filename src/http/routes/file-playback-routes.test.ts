import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { audioFile } from '../../../test/sample-records.ts';
import { makeReady, openLibraryApp, type LibraryApp } from '../../../test/library-app.ts';
import type { PortOverrides } from '../../../test/memory-ports.ts';
import { addTrack } from '../../../test/stream-library.ts';
import type { AudioFile } from '../../domain/audio-file.ts';
import { LOCAL_CALLER } from '../../services/authenticate.ts';
import { playFile } from '../../services/play-file.ts';
import { createPlaybackLink } from '../../services/playback-links.ts';

const BYTES = Buffer.from('0123456789abcdef');
const UPDATED_AT_MS = 1_795_000_000_000;
let test: LibraryApp;

async function open(overrides: PortOverrides): Promise<void> {
  test = await openLibraryApp(overrides);
}
beforeEach(() => open({ policy: { auth: 'off' } }));
afterEach(() => test.close());

async function add(filename: string, fields: Partial<AudioFile> = {}): Promise<AudioFile> {
  const record = audioFile(filename, {
    originalFilename: 'Größe.wav',
    createdBy: 'ada',
    createdAtMs: UPDATED_AT_MS,
    updatedAtMs: UPDATED_AT_MS,
  });
  const ready = await makeReady(test.ports, record, BYTES);
  return test.ports.audioFiles.create({ ...ready, ...fields });
}

const play = (url: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
  test.request(method, url, { headers: { host: 'localhost', ...headers } });

describe('one file', () => {
  it.each(['/api/audio/a.mp3', '/audio/a.mp3'])('plays under %s', async (url) => {
    const { part } = await add('a.mp3');
    const answer = await play(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe(BYTES.toString());
    expect(answer.headers).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-length': '16',
      'accept-ranges': 'bytes',
      etag: `"${part?.sha256}"`,
      'last-modified': new Date(UPDATED_AT_MS).toUTCString(),
      'cache-control': 'public, max-age=3600',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers).not.toHaveProperty('content-disposition');
    const head = await play(url, {}, 'HEAD');
    expect([head.statusCode, head.body]).toEqual([200, '']);
    for (const name of ['content-length', 'content-type', 'etag', 'accept-ranges', 'last-modified']) {
      expect(head.headers[name]).toBe(answer.headers[name]);
    }
  });

  it.each([
    ['bytes=0-1', 206, '01', 'bytes 0-1/16'],
    ['bytes=10-', 206, 'abcdef', 'bytes 10-15/16'],
    ['bytes=-3', 206, 'def', 'bytes 13-15/16'],
    ['bytes=14-99', 206, 'ef', 'bytes 14-15/16'],
    ['bytes=16-', 416, null, 'bytes */16'],
    ['lines=1-2', 200, BYTES.toString(), undefined],
  ])('answers %s', async (range, status, body, contentRange) => {
    await add('a.mp3');
    const answer = await play('/api/audio/a.mp3', { range });
    expect([answer.statusCode, answer.headers['content-range']]).toEqual([status, contentRange]);
    if (body !== null) expect(answer.body).toBe(body);
    else expect(answer.json()).toMatchObject({ code: 'range_not_satisfiable' });
  });

  it('answers conditions', async () => {
    const { part } = await add('a.mp3');
    const etag = `"${part?.sha256}"`;
    const url = '/api/audio/a.mp3';
    expect((await play(url, { 'if-none-match': etag })).statusCode).toBe(304);
    expect((await play(url, { 'if-match': '"other"' })).statusCode).toBe(412);
    expect((await play(url, { range: 'bytes=0-1', 'if-range': etag })).statusCode).toBe(206);
    expect((await play(url, { range: 'bytes=0-1', 'if-range': '"other"' })).statusCode).toBe(200);
  });

  it('is saved with ?download=1', async () => {
    await add('größe.mp3');
    const answer = await play(`/api/audio/${encodeURIComponent('größe.mp3')}?download=1`);
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="gr__e.mp3"; filename*=UTF-8''gr%C3%B6%C3%9Fe.mp3`,
    );
  });

  it('ignores parameters that it does not know', async () => {
    await add('a.mp3');
    expect((await play('/api/audio/a.mp3?v=3')).statusCode).toBe(200);
  });
});

describe('?from=', () => {
  const WHOLE_FRAMES = 100;
  // 1152 samples at 44.1 kHz: 26.122… ms a frame.
  it.each([
    ['0.02612', 0],
    ['0.02613', 1],
    ['1.7', 65],
    ['2.61', 99],
  ])('%s s starts with frame %i', async (from, firstFrame) => {
    const { audio } = await addTrack(test.ports, 'a.mp3', WHOLE_FRAMES);
    const answer = await play(`/api/audio/a.mp3?from=${from}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.rawPayload.toString('latin1')).toContain('Info');
    const start = Buffer.from(audio).indexOf(`a.mp3:${firstFrame};`) - 40;
    const tail = audio.subarray(start);
    expect(Buffer.compare(answer.rawPayload.subarray(-tail.length), tail)).toBe(0);
    expect(answer.rawPayload.length).toBeLessThan(tail.length + 1000);
    expect(answer.headers['content-length']).toBe(String(answer.rawPayload.length));
  });

  it('gives an MP3 of its own, with ranges', async () => {
    await addTrack(test.ports, 'a.mp3', WHOLE_FRAMES);
    const whole = await play('/api/audio/a.mp3');
    const cut = await play('/api/audio/a.mp3?from=1');
    expect(cut.headers['etag']).not.toBe(whole.headers['etag']);
    expect((await play('/api/audio/a.mp3?from=0')).headers['etag']).toBe(whole.headers['etag']);
    const range = await play('/api/audio/a.mp3?from=1', { range: 'bytes=700-999' });
    expect(range.statusCode).toBe(206);
    expect(range.rawPayload).toEqual(cut.rawPayload.subarray(700, 1000));
    expect((await play('/api/audio/a.mp3?from=1', {}, 'HEAD')).headers['content-length']).toBe(
      cut.headers['content-length'],
    );
  });

  it.each(['3', '-1', 'soon', '1&original=1'])('refuses %s', async (from) => {
    await addTrack(test.ports, 'a.mp3', WHOLE_FRAMES);
    const answer = await play(`/api/audio/a.mp3?from=${from}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_input', errors: [{ field: 'from' }] });
  });
});

describe('the original', () => {
  it('is sent as it came', async () => {
    const { originalSha256 } = await add('a.mp3');
    const answer = await play('/api/audio/a.mp3?original=1', { range: 'bytes=4-7' });
    expect([answer.statusCode, answer.body]).toEqual([206, '4567']);
    expect(answer.headers).toMatchObject({
      'content-type': 'audio/wav',
      etag: `"original-${originalSha256}"`,
    });
    expect(answer.headers).not.toHaveProperty('content-disposition');
  });

  it.each([
    ['page.html', 'application/octet-stream'],
    ['film.mp4', 'video/mp4'],
    ['x.__proto__', 'application/octet-stream'],
    ['x.constructor', 'application/octet-stream'],
  ])('is nothing that a browser opens: %s', async (originalFilename, type) => {
    await add('a.mp3', { originalFilename });
    const { headers } = await play('/api/audio/a.mp3?original=1');
    expect(headers['content-type']).toBe(type);
    expect(headers['content-disposition']).toMatch(/^attachment/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('what does not play', () => {
  it.each([
    ['nobody.mp3', 404, 'not_found'],
    ['nobody', 400, 'invalid_input'],
    ['..%2F..%2Fearshot.db', 400, 'invalid_input'],
  ])('%s', async (name, status, code) => {
    const answer = await play(`/api/audio/${name}`);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
  });

  it('because it failed says why', async () => {
    await add('a.mp3', { state: 'failed', error: 'There was no room.', part: undefined });
    const answer = await play('/api/audio/a.mp3');
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'conflict', detail: 'There was no room.' });
  });

  it.each([
    ['gone', async (file: AudioFile) => test.ports.objects.delete(file.part?.key ?? '')],
    [
      'cut',
      async (file: AudioFile) =>
        void (await test.ports.objects.write(file.part?.key ?? '', [BYTES.subarray(1)])),
    ],
  ])('because its part is %s is known before the first byte', async (_how, spoil) => {
    await spoil(await add('a.mp3'));
    for (const method of ['GET', 'HEAD'] as const) {
      expect((await play('/api/audio/a.mp3', {}, method)).statusCode).toBe(409);
    }
    expect((await play('/api/audio/a.mp3')).json()).toMatchObject({
      code: 'missing_part',
      details: { missing: ['a.mp3'] },
    });
  });
});

describe('a file on its way in', () => {
  it('is waited for', async () => {
    const processing = await add('a.mp3', { state: 'processing', part: undefined });
    const answer = play('/api/audio/a.mp3');
    await test.ports.audioFiles.save(await makeReady(test.ports, processing, BYTES), processing.revision);
    expect((await answer).statusCode).toBe(200);
  });

  it('is not ready for ever', async () => {
    await add('a.mp3', { state: 'processing', part: undefined });
    const answer = playFile(test.ports, LOCAL_CALLER, 'a.mp3', { original: false, waitMs: 30 });
    await expect(answer).rejects.toMatchObject({ code: 'not_ready', details: { retry_after_s: 5 } });
  });

  it('plays as it was while it is replaced', async () => {
    await add('a.mp3', { state: 'processing' });
    expect((await play('/api/audio/a.mp3')).statusCode).toBe(200);
  });
});

describe('who may listen', () => {
  const caller = {
    userId: 'u',
    username: 'u',
    tenantId: 'default',
    isAdmin: false,
    scopes: ['write'],
  } as const;

  it('with PLAYBACK=link, a link to it, or a login', async () => {
    await test.close();
    await open({});
    await add('a.mp3');
    await add('b.mp3');
    const { token } = await createPlaybackLink(test.ports, caller, { kind: 'file', name: 'a.mp3' });
    const ada = await test.addUser('ada');
    expect((await play('/api/audio/a.mp3')).statusCode).toBe(401);
    const linked = await play(`/audio/a.mp3?token=${token}`);
    expect(linked.statusCode).toBe(200);
    expect(linked.headers['cache-control']).toBe('private, max-age=3600');
    expect((await play(`/audio/b.mp3?token=${token}`)).statusCode).toBe(404);
    expect((await play(`/api/audio/a.mp3/info?token=${token}`)).statusCode).toBe(401);
    expect((await test.request('GET', '/api/audio/b.mp3', { token: ada.token })).statusCode).toBe(200);
  });

  it('with PLAYBACK=public, anybody', async () => {
    await test.close();
    await open({ policy: { playback: 'public' } });
    await add('a.mp3');
    const answer = await play('/audio/a.mp3', { origin: 'https://elsewhere.example' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('public, max-age=3600');
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  });
});
