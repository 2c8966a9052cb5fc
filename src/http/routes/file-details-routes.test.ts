import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { audioFile } from '../../../test/sample-records.ts';
import { makeReady, openLibraryApp, type LibraryApp } from '../../../test/library-app.ts';
import type { AudioFile } from '../../domain/audio-file.ts';
import { createPlaybackLink } from '../../services/playback-links.ts';
import { authenticateToken } from '../../services/authenticate.ts';

const BOOK = '/api/audio/book.mp3';
const PICTURE = Buffer.from('\xff\xd8\xff\xe0<script>alert(1)</script>', 'latin1');
const CHAPTERS = [
  { title: 'In the field', startMs: 0 },
  { title: '', startMs: 1000.4 },
];

let test: LibraryApp;
let token: string;
let file: AudioFile;

beforeEach(async () => {
  test = await openLibraryApp({}, { publicUrl: 'https://audio.example' });
  ({ token } = await test.addUser('ada'));
  const ready = await makeReady(test.ports, audioFile('book.mp3'), Buffer.from('AUDIO'));
  const waveformKey = `waveforms/${ready.part?.sha256}`;
  await test.ports.objects.write('covers/0abc.jpg', [PICTURE]);
  await test.ports.objects.write(waveformKey, [Uint8Array.from({ length: 1000 }, (_, index) => index % 256)]);
  file = { ...ready, artist: 'Ada', album: 'Fables', coverKey: 'covers/0abc.jpg', waveformKey };
  const { revision } = await test.ports.audioFiles.create(file);
  await test.ports.audioFiles.save(file, revision, { chapters: CHAPTERS });
  await test.ports.audioFiles.create(audioFile('old.mp3'));
  await test.ports.audioFiles.create(audioFile('new.mp3', { state: 'processing' }));
  await test.ports.audioFiles.create(audioFile('gone.mp3', { ...file, filename: 'gone.mp3' }));
});
afterEach(() => test.close());

type Method = Parameters<LibraryApp['request']>[0];
const ask = (method: Method, url: string, headers: Record<string, string> = {}) =>
  test.request(method, url, { token, headers });

describe('the record', () => {
  const told = {
    artist: 'Ada',
    album: 'Fables',
    has_cover: true,
    cover_url: `https://audio.example${BOOK}/cover`,
    waveform_url: `https://audio.example${BOOK}/waveform`,
  };
  const chapters = [
    { title: 'In the field', start_s: 0, end_s: 1 },
    { title: '', start_s: 1, end_s: 2.612 },
  ];

  it('tells artist, album, where cover and waveform are, and the chapters', async () => {
    expect((await ask('GET', `${BOOK}/info`)).json()).toMatchObject({ ...told, chapters });
  });

  it('keeps them when it is edited', async () => {
    const answer = await test.request('PATCH', `${BOOK}/info`, { token, body: { title: 'New' } });
    expect(answer.json()).toMatchObject({ title: 'New', ...told, chapters });
  });

  it('has none where nothing is known', async () => {
    const body = (await ask('GET', '/api/audio/old.mp3/info')).json<Record<string, unknown>>();
    expect(body).toMatchObject({ has_cover: false, chapters: [] });
    for (const field of ['artist', 'album', 'cover_url', 'waveform_url']) {
      expect(body).not.toHaveProperty(field);
    }
  });

  it('is told without chapters in the list', async () => {
    const { files } = (await ask('GET', '/api/audio/list')).json<{ files: Record<string, unknown>[] }>();
    expect(files[0]).toMatchObject({ filename: 'book.mp3', ...told });
    expect(files[0]).not.toHaveProperty('chapters');
  });
});

describe('the cover', () => {
  it('is a picture that nothing in it runs', async () => {
    const { statusCode, headers, rawPayload } = await ask('GET', `${BOOK}/cover`);
    expect(statusCode).toBe(200);
    expect(rawPayload).toEqual(PICTURE);
    expect(headers).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(PICTURE.length),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, max-age=3600',
      'cross-origin-resource-policy': 'same-origin',
    });
    const head = await ask('HEAD', `${BOOK}/cover`);
    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(String(PICTURE.length));
  });

  it('is not sent again to who has it', async () => {
    const { etag } = (await ask('GET', `${BOOK}/cover`)).headers;
    expect(etag).toBe('"cover-0abc.jpg"');
    const known = await ask('GET', `${BOOK}/cover`, { 'if-none-match': String(etag) });
    expect([known.statusCode, known.body]).toEqual([304, '']);
    expect((await ask('GET', `${BOOK}/cover`, { 'if-match': '"other"' })).statusCode).toBe(412);
    const part = await ask('GET', `${BOOK}/cover`, { range: 'bytes=0-2' });
    expect([part.statusCode, part.rawPayload.length]).toEqual([206, 3]);
    expect((await ask('GET', `${BOOK}/cover`, { range: 'bytes=900-' })).statusCode).toBe(416);
  });

  it('is not there when its object is not', async () => {
    await test.ports.objects.delete('covers/0abc.jpg');
    const answer = await ask('GET', `${BOOK}/cover`);
    expect([answer.statusCode, answer.json()]).toEqual([404, expect.objectContaining({ code: 'not_found' })]);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json; charset=utf-8' });
  });
});

describe('the waveform', () => {
  it('has 800 peaks, or as many as are asked for, or as there are', async () => {
    const { headers, ...answer } = await ask('GET', `${BOOK}/waveform`);
    const body = answer.json<{ peaks: number[] }>();
    expect(body).toMatchObject({ filename: 'book.mp3', duration: 2.612, count: 800 });
    expect(body.peaks).toHaveLength(800);
    expect(headers).toMatchObject({ 'cache-control': 'private, max-age=3600' });
    const few = (await ask('GET', `${BOOK}/waveform?points=4`)).json<{ peaks: number[] }>();
    expect(few.peaks).toEqual([0.976, 1, 1, 1]);
    const most = (await ask('GET', `${BOOK}/waveform?points=2000`)).json<{ count: number }>();
    expect(most.count).toBe(1000);
  });

  it.each(['0', '2001', '-1', '1.5', 'many', ''])('refuses %j points', async (points) => {
    expect((await ask('GET', `${BOOK}/waveform?points=${points}`)).statusCode).toBe(400);
  });

  it('is not sent again to who has it, in as many points', async () => {
    const url = `${BOOK}/waveform`;
    const etag = String((await ask('GET', url)).headers['etag']);
    const known = await ask('GET', url, { 'if-none-match': etag });
    expect([known.statusCode, known.body, known.headers['etag']]).toEqual([304, '', etag]);
    expect((await ask('GET', `${url}?points=9`, { 'if-none-match': etag })).statusCode).toBe(200);
    expect((await ask('GET', url, { 'if-match': '"other"' })).statusCode).toBe(412);
  });
});

describe.each(['cover', 'waveform'])('the %s', (what) => {
  it.each([
    ['old.mp3', 404, 'not_found'],
    ['none.mp3', 404, 'not_found'],
    ['new.mp3', 409, 'not_ready'],
    ['..%2Fbook.mp3', 400, 'invalid_input'],
  ])('of %s answers %i', async (name, status, code) => {
    const answer = await ask('GET', `/api/audio/${name}/${what}`);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
  });

  it('is for readers: a link opens what plays, and nothing else', async () => {
    const caller = await authenticateToken(test.ports, token);
    const link = await createPlaybackLink(test.ports, caller, { kind: 'file', name: 'book.mp3' });
    const open = async (url: string) =>
      (await test.request('GET', `${url}?token=${encodeURIComponent(link.token)}`)).statusCode;
    expect([await open(BOOK), await open(`${BOOK}/${what}`)]).toEqual([200, 401]);
  });
});
