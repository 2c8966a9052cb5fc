import { afterEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../../test/test-app.ts';
import type { SpeechToText } from '../../domain/speech-to-text.ts';

let test: TestApp;
afterEach(() => test.app.close());

const withFfmpeg = async (): Promise<TestApp> => {
  const checks = { ffmpeg: async () => ({ status: 'ok', kind: 'native' }) as const };
  return openTestApp({}, { checks });
};

describe('operations', () => {
  it('tell that the process is up, and which version it is', async () => {
    test = await openTestApp();
    expect((await test.request('GET', '/health')).json()).toEqual({ status: 'ok' });
    expect((await test.request('GET', '/api/version')).json()).toEqual({ name: 'earshot', version: '1.2.3' });
  });

  it('tell of each dependency', async () => {
    test = await withFfmpeg();
    const answer = await test.request('GET', '/ready');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      status: 'ready',
      checks: {
        database: { status: 'ok' },
        objects: { status: 'ok' },
        streams: { status: 'ok', kind: 'memory', persistent: false },
        queue: { status: 'ok', open: 0 },
        ffmpeg: { status: 'ok', kind: 'native' },
        speech: { status: 'disabled', stt: null, tts: null },
      },
    });
  });

  it('tell the line that gets an engine that hears, where there is none', async () => {
    test = await openTestApp({ sttHint: 'sudo apt install pocketsphinx' });
    expect((await test.request('GET', '/ready')).json()).toMatchObject({
      checks: { speech: { stt: null, hint: 'sudo apt install pocketsphinx' } },
    });
  });

  it('tell which engines hear and speak', async () => {
    const speechToText: SpeechToText = {
      kind: 'openai',
      id: 'openai:whisper-1',
      input: { format: 'mp3', maxPieceMs: 60_000 },
      isLocal: false,
      describe: async () => ({ kind: 'openai', model: 'whisper-1' }),
      transcribe: async () => {
        throw new Error('Nobody asks an engine to hear, only to be ready.');
      },
    };
    test = await openTestApp({ speechToText });
    expect((await test.request('GET', '/ready')).json()).toMatchObject({
      checks: { speech: { status: 'ok', stt: { kind: 'openai', model: 'whisper-1' }, tts: null } },
    });
  });

  it('answer 503 when one is down, without saying why to strangers', async () => {
    test = await openTestApp({
      streamStorage: { kind: 'memory', persistent: false, detail: 'Permission denied' },
    });
    const answer = await test.request('GET', '/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      status: 'not_ready',
      checks: { ffmpeg: { status: 'down' }, streams: { status: 'degraded', detail: 'Permission denied' } },
    });
  });

  it('count requests by route, never by name', async () => {
    test = await withFfmpeg();
    for (const name of ['one', 'two']) await test.request('GET', `/api/audio/${name}.mp3`);
    await test.request('GET', '/nowhere/at/all');
    const answer = await test.request('GET', '/metrics');
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.body).toContain(
      'earshot_http_request_duration_seconds_count{method="GET",route="/api/audio/:filename",status="401"} 2',
    );
    expect(answer.body).toMatch(/request_duration_seconds_count\{method="GET",route="none",status="404"\} 1/);
    expect(answer.body).toMatch(/^earshot_http_open_requests 1$/m);
    expect(answer.body).toMatch(/^earshot_queue_open_requests 0$/m);
    expect(answer.body).toMatch(/^earshot_piece_cache_bytes 0$/m);
    expect(answer.body).toMatch(/^process_cpu_seconds_total /m);
    expect(answer.body).not.toMatch(/one\.mp3|nowhere/);
  });
});
