import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startOpenAiStandIn, type OpenAiStandIn } from '../../../test/servers/openai-stand-in.ts';
import {
  transcriptionHandlers,
  type TranscriptionScript,
} from '../../../test/servers/openai-transcriptions.ts';
import { fixtures } from '../../../test/e2e/program.ts';
import { isAppError } from '../../domain/app-error.ts';
import type { Log } from '../../domain/log.ts';
import type { SpeechToTextOptions } from '../../domain/speech-to-text.ts';
import { multipartBody } from './multipart-body.ts';
import { readRetryAfter } from './openai-failure.ts';
import { createOpenAiSpeechToText, type OpenAiSpeechToTextOptions } from './openai-speech-to-text.ts';

const logged: unknown[] = [];
const keep = (fields: object, message: string) => logged.push({ ...fields, message });
const log: Log = { debug: keep, info: keep, warn: keep, error: keep };

let dir: string;
let server: OpenAiStandIn;
let script: TranscriptionScript;
const speech = join(fixtures, 'fits.mp3');

beforeEach(async () => {
  logged.length = 0;
  script = { segments: [{ start: 0.5, end: 2, text: ' Hello.' }], language: 'english', asked: [] };
  server = await startOpenAiStandIn({ handlers: transcriptionHandlers(script) });
  dir = await mkdtemp(join(tmpdir(), 'earshot-'));
});
afterEach(async () => {
  await server.stop();
  await rm(dir, { recursive: true });
});

const open = (options: Partial<OpenAiSpeechToTextOptions> = {}) =>
  createOpenAiSpeechToText({
    baseUrl: server.baseUrl,
    apiKey: server.apiKey,
    model: 'whisper-1',
    log,
    ...options,
  });

const hear = (engine = open(), options: Partial<SpeechToTextOptions> = {}, path = speech) =>
  engine.transcribe(path, { durationMs: 4000, signal: new AbortController().signal, ...options });

describe('the id of a server that hears', () => {
  const idOf = (baseUrl: string, model: string) =>
    createOpenAiSpeechToText({ baseUrl, model, apiKey: 'k', log }).id;

  it('is another one of another server, or another model', () => {
    expect(idOf('https://api.openai.com/v1', 'whisper-1')).toBe('openai:whisper-1');
    const ids = [
      idOf('http://gpu.local:8000/v1', 'a/b'),
      idOf('http://gpu.local:8000/v1', 'a_b'),
      idOf('http://other.local:8000/v1', 'a_b'),
    ];
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) {
      expect(id).toMatch(/^openai:a_b:[0-9a-f]{8}$/);
    }
  });
});

describe('a transcription by a server of OpenAI’s protocol', () => {
  it('asks for segments, in the language that is named', async () => {
    expect(await hear(open(), { language: 'en-GB' })).toEqual({
      segments: [{ startMs: 500, endMs: 2000, text: 'Hello.' }],
      language: 'en',
    });
    await hear();
    const asked = {
      model: 'whisper-1',
      response_format: 'verbose_json',
      'timestamp_granularities[]': 'segment',
    };
    expect(script.asked).toEqual([{ ...asked, language: 'en' }, asked]);
  });

  it('leaves out what Whisper itself takes for made up', async () => {
    script.segments = [
      { start: 0, end: 1, text: ' Thanks for watching!', no_speech_prob: 0.9, avg_logprob: -1.2 },
      { start: 1, end: 2, text: ' Hello.', no_speech_prob: 0.9, avg_logprob: -0.2 },
    ];
    expect((await hear()).segments.map(({ text }) => text)).toEqual(['Hello.']);
  });

  it.each([
    ['en', 'en'],
    ['maori', 'mi'],
    ['tagalog', 'tl'],
    ['klingon', undefined],
    ['', undefined],
  ])('names the language: %s', async (told, tag) => {
    script.language = told;
    expect((await hear()).language).toBe(tag);
  });

  it('takes a model without times: sentences, each as much of the piece as of the text', async () => {
    script.segments = [{ start: 0, end: 4, text: 'She had a house. Every morning she went to the market.' }];
    const engine = open({ model: 'gpt-4o-transcribe' });
    const { segments } = await hear(engine);
    expect(segments.map(({ text }) => text)).toEqual([
      'She had a house.',
      'Every morning she went to the market.',
    ]);
    expect(segments[0]).toMatchObject({ startMs: 0 });
    expect(segments[1]).toMatchObject({ startMs: segments[0]?.endMs, endMs: 4000 });
    expect(server.received.length).toBe(1);
  });

  it('asks again, once for all, when a server refuses times', async () => {
    server.misbehave({
      status: 400,
      error: { message: "response_format 'verbose_json' is not known", type: 'invalid_request_error' },
    });
    const engine = open();
    for (let time = 0; time < 2; time++) expect((await hear(engine)).segments).toHaveLength(1);
    expect(script.asked.map((fields) => fields['response_format'])).toEqual(['verbose_json', 'json', 'json']);
  });

  it('hears nothing in what is too short for it', async () => {
    const message = 'Audio file is too short. Minimum audio length is 0.1 seconds.';
    const error = { message, type: 'invalid_request_error', param: 'file', code: 'audio_too_short' };
    server.misbehave({ status: 400, error });
    expect(await hear()).toEqual({ segments: [] });
  });

  it('is given less at a time by a model whose answer is bounded', () => {
    expect(open().input.maxPieceMs).toBe(20 * 60_000);
    expect(open({ model: 'gpt-4o-transcribe' }).input.maxPieceMs).toBe(5 * 60_000);
  });

  it.each([
    ['file', 'Unsupported audio', 'unsupported_media'],
    ['language', 'Unsupported language', 'engine_refused'],
  ])('tells what cannot be read from what is refused: %s', async (param, message, code) => {
    server.misbehave({ status: 400, error: { message, type: 'invalid_request_error', param } });
    await expect(hear()).rejects.toMatchObject({ code });
  });

  it('needs no key for a server of one’s own', async () => {
    await server.stop();
    server = await startOpenAiStandIn({ handlers: transcriptionHandlers(script), apiKey: null });
    expect((await hear(open({ apiKey: undefined }))).segments).toHaveLength(1);
  });

  it('sends the file as it is read', async () => {
    await writeFile(join(dir, 'long.mp3'), Buffer.alloc(1_000_000, 7));
    const file = { path: join(dir, 'long.mp3'), filename: 'speech.mp3', contentType: 'audio/mpeg' };
    const { chunks, sizeBytes } = await multipartBody([['model', 'whisper-1']], file);
    const sizes: number[] = [];
    for await (const { length } of chunks as AsyncIterable<Uint8Array>) sizes.push(length);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(sizeBytes);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
  });
});

describe('a server of OpenAI’s protocol that does not do what it should', () => {
  const quota = {
    message: 'You exceeded your current quota',
    type: 'insufficient_quota',
    code: 'insufficient_quota',
  };
  const slowDown = { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' };

  it.each([
    ['is down', { status: 503 }, 'engine_unavailable', {}],
    ['fails', { status: 500 }, 'engine_unavailable', {}],
    ['is behind a proxy that times out', { status: 504 }, 'engine_unavailable', {}],
    [
      'is overloaded',
      { status: 429, headers: { 'retry-after': '7' }, error: slowDown },
      'engine_unavailable',
      { retry_after_s: 7 },
    ],
    ['limits the rate and says no time', { status: 429, error: slowDown }, 'engine_unavailable', {}],
    [
      'has no quota left',
      { status: 429, headers: { 'retry-after': '7' }, error: quota },
      'engine_refused',
      {},
    ],
    ['forbids it', { status: 403 }, 'engine_refused', {}],
    ['does not understand', { status: 400 }, 'engine_refused', {}],
    ['is not there', { status: 404 }, 'engine_refused', {}],
    ['is elsewhere', { status: 302, headers: { location: '/' } }, 'engine_refused', {}],
    ['cannot read it', { status: 415 }, 'unsupported_media', {}],
    ['is cut off in the middle', 'cut', 'engine_unavailable', {}],
    ['closes the connection', 'reset', 'engine_unavailable', {}],
    ['answers with half of its JSON', 'malformed', 'engine_unavailable', {}],
  ] as const)('%s', async (_what, fault, code, details) => {
    server.misbehave(fault);
    const error: unknown = await hear().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, details });
    expect(isAppError(error) && error.details).toEqual(details);
    expect(server.received).toHaveLength(1);
  });

  it('refuses a wrong key, and neither the error nor the log has it', async () => {
    const apiKey = 'sk-wrong-9876543210';
    const error: unknown = await hear(open({ apiKey })).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'engine_refused' });
    expect(logged).toMatchObject([{ status: 401, code: 'invalid_api_key', error: 'engine_refused' }]);
    const told = [String(error), JSON.stringify(error), JSON.stringify(logged)].join(' ');
    expect(told).not.toMatch(/wrong-98|Hello/);
    expect(String(error)).not.toContain('Incorrect API key');
  });

  it('is understood in the form that FastAPI gives its errors, and not for longer than a log has room', async () => {
    server.misbehave({ status: 400, body: { detail: `Failed to decode audio. ${'x'.repeat(9000)}` } });
    await expect(hear()).rejects.toMatchObject({ code: 'unsupported_media' });
    server.misbehave({
      status: 400,
      error: { message: 'no', type: 'y'.repeat(9000), param: 'z'.repeat(9000) },
    });
    await expect(hear()).rejects.toMatchObject({ code: 'engine_refused' });
    expect(logged).toMatchObject([{ detail: expect.stringMatching(/^Failed to decode/) as string }, {}]);
    for (const entry of logged) expect(JSON.stringify(entry).length).toBeLessThan(1000);
  });

  it('cannot read what is no audio', async () => {
    await writeFile(join(dir, 'text.mp3'), 'no sound at all');
    const unread = hear(open(), {}, join(dir, 'text.mp3'));
    await expect(unread).rejects.toMatchObject({ code: 'unsupported_media' });
  });

  it('is not waited for longer than it may take', async () => {
    server.misbehave('mute');
    const late = hear(open({ startLimitMs: 200 }), { durationMs: 10 });
    await expect(late).rejects.toMatchObject({ code: 'engine_timeout' });
    await expect.poll(() => server.open()).toBe(0);
  });

  it('is left at once when nobody waits for it', async () => {
    server.misbehave('mute');
    const stop = new AbortController();
    const stopped = hear(open(), { signal: stop.signal });
    await expect.poll(() => server.open()).toBe(1);
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'aborted' });
    await expect.poll(() => server.open()).toBe(0);
  });

  it('is not read to the end when it does not stop', async () => {
    script.segments = [{ start: 0, end: 1, text: 'a'.repeat(17 * 1024 * 1024) }];
    await expect(hear()).rejects.toMatchObject({ code: 'engine_unavailable' });
  });
});

it('reads Retry-After as seconds and as a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(readRetryAfter('120', now)).toBe(120);
  expect(readRetryAfter('Thu, 01 Jan 2026 00:01:30 GMT', now)).toBe(90);
  expect(readRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0);
  expect(readRetryAfter('99999999', now)).toBe(86_400);
  expect(readRetryAfter('soon', now)).toBeNull();
  expect(readRetryAfter(undefined, now)).toBeNull();
});
