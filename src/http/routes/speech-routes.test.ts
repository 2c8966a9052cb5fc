import { afterEach, describe, expect, it } from 'vitest';
import { createMadeSpeech } from '../../../test/made-speech.ts';
import { openSpeechApp, type SpeechApp } from '../../../test/speech-app.ts';
import { AppError } from '../../domain/app-error.ts';
import type { TextToSpeech } from '../../domain/text-to-speech.ts';
import { speechTextKey } from '../../domain/speech-key.ts';

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

describe('POST /api/audio/generate-tts', { timeout: 60_000 }, () => {
  let app: SpeechApp;
  const open = async (change: Partial<TextToSpeech> | null = {}) => {
    app = await openSpeechApp(change === null ? null : createMadeSpeech(change));
  };
  const post = (body: Record<string, unknown>, headers: Record<string, string> = {}) =>
    app.request('POST', '/api/audio/generate-tts', { token: app.token, body, headers });
  afterEach(() => app.close());

  it('answers 202 with where it goes on, and by then the file is there', async () => {
    await open();
    const response = await post({ filename: 'tale', text: 'Once upon a time.' });
    expect(response.statusCode).toBe(202);
    const { request_id: requestId, action } = response.json<{ request_id: string; action: string }>();
    expect(action).toBe('generate_tts');
    expect(response.headers['location']).toBe(`/api/requests/${requestId}`);
    const info = await app.request('GET', '/api/audio/tale.mp3/info', { token: app.token });
    expect(info.json()).toMatchObject({
      original_filename: 'tale.wav',
      state: expect.stringMatching(/ready|processing/) as string,
    });
    await app.ended(requestId);
    const done = await app.request('GET', `/api/requests/${requestId}`, { token: app.token });
    expect(done.json()).toMatchObject({
      status: 'COMPLETED',
      progress: 100,
      result: { filename: 'tale.mp3', characters: 17 },
    });
  });

  it('waits for the end where that is preferred', async () => {
    await open();
    const response = await post({ filename: 'tale.mp3', text: 'Once upon a time.' }, { prefer: 'wait=30' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['preference-applied']).toBe('wait=30');
    expect(response.json()).toMatchObject({ status: 'COMPLETED', result: { filename: 'tale.mp3' } });
  });

  it('does once what is asked for twice under one key', async () => {
    await open();
    const body = { filename: 'tale.mp3', text: 'Once upon a time.' };
    const first = await post(body, { 'idempotency-key': 'k1' });
    const second = await post(body, { 'idempotency-key': 'k1' });
    expect(second.json()).toEqual(first.json());
    expect(second.headers['idempotency-replayed']).toBe('true');
    const other = await post({ ...body, text: 'Another.' }, { 'idempotency-key': 'k1' });
    expect(other.statusCode).toBe(409);
    await app.ended(first.json<{ request_id: string }>().request_id);
  });

  it('refuses a name that is taken', async () => {
    await open();
    const first = await post({ filename: 'tale.mp3', text: 'One.' }, { prefer: 'wait=30' });
    expect(first.statusCode).toBe(200);
    const second = await post({ filename: 'tale.mp3', text: 'Two.' });
    expect(second.statusCode).toBe(409);
    expect(second.json<Problem>().code).toBe('already_exists');
    expect(await app.leftovers()).toEqual([]);
  });

  it.each([
    ['an empty text', { text: '' }, 'text'],
    ['a blank text', { text: ' \n\u00A0\t ' }, 'text'],
    ['control characters alone', { text: '\u0000\u0001\u001B' }, 'text'],
    ['punctuation alone', { text: '... !?' }, 'text'],
    ['a text that is too long', { text: 'a'.repeat(100_001) }, 'text'],
    ['markup that is not well-formed', { text: '<speak>One <p>two</speak>' }, 'text'],
    ['an unknown voice', { voice: 'nobody' }, 'voice'],
    ['a speed beyond the limits', { speed: 9 }, 'speed'],
    ['a file name that is a path', { filename: '../tale.mp3' }, 'filename'],
    ['a title of two lines', { title: 'One\ntwo' }, 'title'],
  ])('says what is wrong with %s, and leaves nothing', async (_what, change, field) => {
    await open();
    const response = await post({ filename: 'tale.mp3', text: 'Once upon a time.', ...change });
    expect(response.statusCode).toBe(400);
    const { code, errors = [] } = response.json<Problem>();
    expect(code).toBe('invalid_input');
    expect(errors.map((each) => each.field.split('.').at(-1))).toEqual([field]);
    expect(await app.leftovers()).toEqual([]);
    expect(await app.ports.audioFiles.find('default', 'tale.mp3')).toBeNull();
  });

  it.each([
    ['control characters between words', 'One\u0000 two\u0007 three.'],
    ['emoji', 'Good 👩‍👩‍👧 morning 😀!'],
    ['other scripts', '你好。今天天气很好。 नमस्ते। كيف حالك؟ Привет.'],
    ['emoji alone', '😀'],
  ])('takes %s', async (_what, text) => {
    await open();
    const response = await post({ filename: 'tale.mp3', text }, { prefer: 'wait=30' });
    expect(response.statusCode, response.body).toBe(200);
  });

  it('takes 100,000 characters of four bytes, as escapes, and queues but their key', async () => {
    let stop = () => {};
    const held = new Promise<void>((resolve) => (stop = resolve));
    await open({
      async *speak() {
        await held;
        yield new Uint8Array(3200);
      },
      maxCharacters: 100_000,
    });
    const text = '\\ud83d\\ude00'.repeat(100_000);
    const response = await app.app.inject({
      method: 'POST',
      url: '/api/audio/generate-tts',
      headers: { authorization: `Bearer ${app.token}`, 'content-type': 'application/json' },
      payload: `{"filename":"tale.mp3","text":"${text}"}`,
    });
    expect(response.statusCode, response.body.slice(0, 300)).toBe(202);
    const { request_id: requestId } = response.json<{ request_id: string }>();
    const request = await app.ports.queue.find(requestId);
    expect(JSON.stringify(request?.payload).length).toBeLessThan(500);
    expect((await app.ports.objects.find(speechTextKey(requestId)))?.sizeBytes).toBe(400_000);
    stop();
    expect((await app.ended(requestId)).status).toBe('COMPLETED');
  });

  it('says what to do where no engine speaks', async () => {
    await open(null);
    const response = await post({ filename: 'tale.mp3', text: 'One.' });
    expect(response.statusCode).toBe(503);
    expect(response.json<Problem>()).toMatchObject({ code: 'engine_unavailable' });
    expect(response.json<Problem>().detail).toContain('TTS_ENGINE');
    const voices = await app.request('GET', '/api/audio/tts/voices', { token: app.token });
    expect(voices.statusCode).toBe(503);
  });

  it('refuses markup where the engine takes none', async () => {
    await open({ takesSsml: false });
    const response = await post({ filename: 'tale.mp3', text: '<speak>One.</speak>' });
    expect(response.statusCode).toBe(400);
    expect(response.json<Problem>().errors?.[0]).toMatchObject({ field: 'text' });
  });

  it('does not wait for voices that cannot be had', async () => {
    await open({
      voices: async () => {
        throw new AppError('engine_unavailable', 'Down.');
      },
    });
    expect((await post({ filename: 'tale.mp3', text: 'One.', voice: 'one' })).statusCode).toBe(202);
  });

  it('is for those who may write', async () => {
    await open();
    expect(
      (await app.request('POST', '/api/audio/generate-tts', { body: { filename: 'a', text: 'b' } }))
        .statusCode,
    ).toBe(401);
    const key = await app.request('POST', '/api/user/keys', {
      token: app.token,
      body: { name: 'reader', scopes: ['read'] },
    });
    const { key: token } = key.json<{ key: string }>();
    const refused = await app.request('POST', '/api/audio/generate-tts', {
      token,
      body: { filename: 'a', text: 'b' },
    });
    expect(refused.statusCode).toBe(403);
    expect((await app.request('GET', '/api/audio/tts/voices', { token })).statusCode).toBe(200);
  });

  it('lists the voices', async () => {
    await open();
    const response = await app.request('GET', '/api/audio/tts/voices', { token: app.token });
    expect(response.json()).toEqual({
      engine: 'espeak',
      default: 'one',
      voices: [
        { id: 'one', name: 'One', language: 'en-GB', gender: 'female' },
        { id: 'any', name: 'Any', language: '*', gender: 'neutral' },
      ],
    });
  });

  it('can be asked for as any other long work', async () => {
    await open();
    const response = await app.request('POST', '/api/requests', {
      token: app.token,
      body: { action: 'generate_tts', payload: { filename: 'tale.mp3', text: 'One.' } },
      headers: { prefer: 'wait=30' },
    });
    expect(response.json()).toMatchObject({
      status: 'COMPLETED',
      result: { filename: 'tale.mp3', characters: 4 },
    });
  });
});
