import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeReady, openLibraryApp, type LibraryApp } from '../../../test/library-app.ts';
import { audioFile } from '../../../test/sample-records.ts';
import type { AudioFile } from '../../domain/audio-file.ts';
import { saveTranscript } from '../../services/save-transcript.ts';

const URL = '/api/audio/a.mp3/transcript';
const warnings: unknown[] = [];

let test: LibraryApp;
let ada: { token: string };

beforeEach(async () => {
  warnings.length = 0;
  const log = {
    debug: () => 0,
    info: () => 0,
    error: () => 0,
    warn: (fields: object) => warnings.push(fields),
  };
  test = await openLibraryApp({ log });
  ada = await test.addUser('ada');
  await add('a.mp3');
});
afterEach(() => test.close());

async function add(filename: string, change: Partial<AudioFile> = {}): Promise<AudioFile> {
  const record = audioFile(filename, { durationMs: 10_000, ...change });
  return test.ports.audioFiles.create(await makeReady(test.ports, record, Buffer.from(`AUDIO ${filename}`)));
}

const transcribe = (...texts: string[]): Promise<AudioFile> =>
  saveTranscript(test.ports, 'default', 'a.mp3', {
    segments: texts.map((text, index) => ({ startMs: index * 1500, endMs: index * 1500 + 1000, text })),
    language: 'en',
    source: 'engine',
  });

const get = (url: string, headers: Record<string, string> = {}) =>
  test.request('GET', url, { token: ada.token, headers });
const put = (body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  test.request('PUT', URL, { token: ada.token, body, headers });
const search = async (text: string) => {
  const answer = await get(`/api/audio/search?query=${encodeURIComponent(text)}`);
  expect(answer.statusCode).toBe(200);
  return answer.json<{ results: { filename: string; matches: object[] }[] }>().results;
};

describe('GET transcript', () => {
  it('says how it stands where there is none', async () => {
    const answer = await get(URL);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        filename: 'a.mp3',
        transcript: null,
        status: 'disabled',
        error: null,
        transcribed_at: null,
        language: null,
        segments: [],
      },
    ]);
    await add('b.mp3', { transcriptStatus: 'failed', transcriptError: 'Nobody speaks.' });
    const failed = await get('/api/audio/b.mp3/transcript.json');
    expect(failed.json()).toMatchObject({ status: 'failed', error: 'Nobody speaks.', transcript: null });
    for (const suffix of ['txt', 'vtt', 'srt']) {
      expect((await get(`${URL}.${suffix}`)).statusCode).toBe(404);
    }
    expect((await get('/api/audio/missing.mp3/transcript')).statusCode).toBe(404);
    expect((await get(`${URL}.doc`)).statusCode).toBe(404);
  });

  it('does not say for ever that one is under way which nobody works at', async () => {
    await add('b.mp3', { transcriptStatus: 'processing', transcriptRequestId: 'gone' });
    const answer = await get('/api/audio/b.mp3/transcript');
    expect(answer.json()).toMatchObject({ status: 'failed', error: 'The work on it was never finished.' });
  });

  it('gives JSON, text and subtitles, by suffix and by Accept', async () => {
    await transcribe('Once upon', 'a <time>.');
    expect((await get(URL)).json()).toMatchObject({
      transcript: 'Once upon a <time>.',
      status: 'completed',
      language: 'en',
      segments: [
        { start_s: 0, end_s: 1, text: 'Once upon' },
        { start_s: 1.5, end_s: 2.5, text: 'a <time>.' },
      ],
    });
    const expected = [
      ['txt', 'text/plain', 'Once upon a <time>.'],
      ['vtt', 'text/vtt', 'WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nOnce upon\n'],
      ['srt', 'application/x-subrip', '1\n00:00:00,000 --> 00:00:01,000\nOnce upon\n'],
    ] as const;
    for (const [suffix, mediaType, start] of expected) {
      const accept = `text/html, ${mediaType};q=0.9, application/json;q=0.1`;
      for (const answer of [await get(`${URL}.${suffix}`), await get(URL, { accept })]) {
        expect(answer.statusCode).toBe(200);
        expect(answer.headers['content-type']).toBe(`${mediaType}; charset=utf-8`);
        expect(answer.body.startsWith(start)).toBe(true);
      }
    }
    for (const accept of ['*/*', 'application/*', 'image/png', 'text/*;q=0.1, */*', 'text/plain;q=x']) {
      const answer = await get(URL, { accept });
      expect(answer.headers['content-type'], accept).toContain('application/json');
      expect(answer.headers['vary']).toMatch(/accept/i);
    }
    expect((await get(URL, { accept: 'text/*' })).headers['content-type']).toContain('text/plain');
  });

  it('answers conditional requests', async () => {
    await transcribe('Once.');
    for (const url of [URL, `${URL}.vtt`]) {
      const etag = String((await get(url)).headers.etag);
      const again = await get(url, { 'if-none-match': etag });
      expect([again.statusCode, again.body]).toEqual([304, '']);
      expect((await get(url, { 'if-match': '"other"' })).statusCode).toBe(412);
      await transcribe('Twice.', url);
      expect((await get(url, { 'if-none-match': etag })).statusCode).toBe(200);
    }
    expect((await get(URL)).headers.etag).not.toBe((await get(`${URL}.txt`)).headers.etag);
  });

  it('reads what an older deployment wrote', async () => {
    await add('short.mp3', { hasTranscript: true, transcriptStatus: 'completed', transcriptText: 'Es war.' });
    await test.ports.objects.write('transcripts/0a.txt', [Buffer.from('Es war einmal.')]);
    await add('long.mp3', {
      hasTranscript: true,
      transcriptKey: 'transcripts/0a.txt',
      transcriptExcerpt: 'Es',
    });
    for (const [name, text] of [['short', 'Es war.'] as const, ['long', 'Es war einmal.'] as const]) {
      const answer = await get(`/api/audio/${name}.mp3/transcript`);
      expect(answer.json()).toMatchObject({ transcript: text, segments: [] });
      expect((await get(`/api/audio/${name}.mp3/transcript.vtt`)).body).toContain(
        `--> 00:00:02.612\n${text}\n`,
      );
    }
  });

  it('is for those who may read this library', async () => {
    await transcribe('Secret.');
    expect((await test.request('GET', URL, {})).statusCode).toBe(401);
    const eve = await test.addUser('eve', { tenantId: 'neighbours' });
    expect((await test.request('GET', URL, { token: eve.token })).statusCode).toBe(404);
    expect((await test.request('DELETE', URL, { token: eve.token })).statusCode).toBe(404);
  });

  it('says so when the object is lost', async () => {
    const { transcriptKey = '' } = await transcribe('Gone.');
    await test.ports.objects.delete(transcriptKey);
    const answer = await get(URL);
    expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
      404,
      'The transcript of "a.mp3" is lost.',
    ]);
  });
});

describe('PUT and DELETE transcript', () => {
  it('replaces it, by segments and as a whole, and search follows', async () => {
    await transcribe('The wale.');
    const edited = await put({ segments: [{ start_s: 0.5, end_s: 2, text: 'The whale. ' }] });
    expect(edited.statusCode, edited.body).toBe(200);
    expect(edited.json()).toMatchObject({ transcript: 'The whale.', status: 'completed', language: 'en' });
    expect((await get(URL)).json()).toEqual(edited.json());
    expect((await get(URL)).headers.etag).toBe(edited.headers.etag);
    expect(await search('wale')).toEqual([]);
    expect(await search('whale')).toMatchObject([{ matches: [{ field: 'transcript', start_s: 0.5 }] }]);
    const whole = await put({ transcript: 'Ein Wal.', language: 'de' });
    expect(whole.json()).toMatchObject({ transcript: 'Ein Wal.', segments: [], language: 'de' });
  });

  it('guards against a lost update', async () => {
    await transcribe('First.');
    const etag = String((await get(URL)).headers.etag);
    expect((await put({ transcript: 'Second.' }, { 'if-match': etag })).statusCode).toBe(200);
    expect((await put({ transcript: 'Third.' }, { 'if-match': etag })).statusCode).toBe(412);
    const options = { token: ada.token, headers: { 'if-match': etag } };
    expect((await test.request('DELETE', URL, options)).statusCode).toBe(412);
    expect((await get(URL)).json()).toMatchObject({ transcript: 'Second.' });
  });

  it.each([
    [{ segments: [{ start_s: 0, end_s: 11.5, text: 'Late.' }] }, 'segments[0].end_s'],
    [{ segments: [{ start_s: 2, end_s: 1, text: 'So.' }] }, 'segments[0].end_s'],
    [{ transcript: ' ' }, 'transcript'],
    [{}, 'transcript'],
    [{ transcript: 'So.', language: '?' }, 'language'],
    [{ transcript: 'So.', source: 'x' }, ''],
  ])('refuses %j', async (body, field) => {
    const answer = await put(body);
    expect(answer.statusCode).toBe(400);
    if (field !== '') expect(answer.json()).toMatchObject({ errors: [{ field }] });
    expect((await get(URL)).json()).toMatchObject({ status: 'disabled' });
  });

  it('refuses a transcript of audio that is not there yet', async () => {
    await test.ports.audioFiles.create(audioFile('b.mp3', { state: 'processing', durationMs: 0 }));
    const options = { token: ada.token, body: { transcript: 'So.' } };
    const answer = await test.request('PUT', '/api/audio/b.mp3/transcript', options);
    expect([answer.statusCode, answer.json()]).toMatchObject([409, { code: 'not_ready' }]);
  });

  it('deletes it, once and again', async () => {
    await transcribe('The whale.');
    for (let round = 0; round < 2; round += 1) {
      expect((await test.request('DELETE', URL, { token: ada.token })).statusCode).toBe(204);
      expect((await get(URL)).json()).toMatchObject({
        transcript: null,
        status: 'disabled',
        transcribed_at: null,
      });
    }
    expect(await search('whale')).toEqual([]);
  });
});

describe('search in transcripts', () => {
  it('tells the words and the second', async () => {
    await transcribe('It was calm.', 'Then a whale', 'sang loudly.');
    expect(await search('whale loud')).toMatchObject([
      {
        filename: 'a.mp3',
        matches: [{ field: 'transcript', snippet: 'Then a **whale** sang **loudly**.', start_s: 1.5 }],
      },
    ]);
    expect(await search('a calm')).toMatchObject([
      {
        matches: [
          { field: 'filename' },
          { field: 'transcript', snippet: 'It was **calm**. Then **a** whale' },
        ],
      },
    ]);
  });

  it('goes on without a transcript that is lost, and says so in the log', async () => {
    const { transcriptKey = '' } = await transcribe('The whale.');
    await test.ports.objects.delete(transcriptKey);
    expect(await search('whale')).toMatchObject([{ filename: 'a.mp3', matches: [] }]);
    expect(warnings).toMatchObject([{ filename: 'a.mp3' }]);
  });
});
