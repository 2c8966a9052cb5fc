import { afterEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp, type TestUser } from '../../../test/test-app.ts';
import {
  makeSpokenWav,
  openTranscribeBench,
  type TranscribeBench,
  type TranscribeBenchOptions,
} from '../../../test/transcribe-bench.ts';
import { AppError } from '../../domain/app-error.ts';
import { startWorker, type Worker } from '../../services/worker.ts';

const SPOKEN = makeSpokenWav(4, [1, 2]);
const WAIT = { prefer: 'wait=30' };
/** Others are at work beside it. */
const PATIENT = { timeout: 30_000 };

describe('transcription routes', { timeout: 60_000 }, () => {
  let bench: TranscribeBench;
  let worker: Worker;
  let test: TestApp;
  let user: TestUser;

  async function open(options: TranscribeBenchOptions = {}): Promise<void> {
    let wake = () => {};
    bench = await openTranscribeBench({ ...options, ports: { wakeWorkers: () => wake() } });
    const { ports } = bench;
    worker = startWorker(ports, { actions: ports.actions, concurrency: 1, leaseMs: 10_000 });
    wake = () => worker.wake();
    test = await openTestApp(ports);
    user = await test.addUser('reader');
  }

  afterEach(async () => {
    await test.app.close();
    await worker.stop(1000);
    expect(await bench.leftovers()).toEqual([]);
    await bench.close();
  });

  async function send(
    fields: Readonly<Record<string, string>>,
    { bytes = SPOKEN, headers = {} }: { bytes?: Uint8Array; headers?: Record<string, string> } = {},
  ) {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    form.set('file', new Blob([Uint8Array.from(bytes)]), 'memo.wav');
    const encoded = new Response(form);
    const answer = await test.app.inject({
      method: 'POST',
      url: '/api/transcriptions',
      headers: {
        'content-type': encoded.headers.get('content-type') ?? '',
        authorization: `Bearer ${user.token}`,
        ...headers,
      },
      payload: Buffer.from(await encoded.arrayBuffer()),
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: answer.json<Record<string, unknown>>(),
    };
  }

  it('transcribe an upload while its sender waits, and keep nothing', async () => {
    await open();
    const answer = await send({ language: 'en', from_s: '0.5' }, { headers: WAIT });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        action: 'transcribe',
        status: 'COMPLETED',
        progress: 100,
        result: {
          transcript: 'hello moon',
          language: 'en',
          duration: 4,
          segments: [{ start_s: 0.6, end_s: 1.1, text: 'hello moon' }],
        },
      },
    });
    expect(answer.headers.location).toBe(`/api/requests/${String(answer.body['request_id'])}`);
  });

  it('answer 202 to whoever does not wait, and the same to the same key', async () => {
    await open();
    const headers = { 'idempotency-key': 'once' };
    const one = await send({}, { headers });
    expect(one).toMatchObject({ status: 202, body: { status: 'PENDING' } });
    const again = await send({}, { headers });
    expect(again.body['request_id']).toBe(one.body['request_id']);
    expect(await send({ language: 'de' }, { headers })).toMatchObject({ status: 409 });
    const url = `/api/requests/${String(one.body['request_id'])}`;
    await expect
      .poll(
        async () => (await test.request('GET', url, { token: user.token })).json<{ status: string }>().status,
        PATIENT,
      )
      .toBe('COMPLETED');
    const stranger = await test.addUser('stranger');
    expect((await test.request('GET', url, { token: stranger.token })).statusCode).toBe(404);
    await expect.poll(() => bench.leftovers(), PATIENT).toEqual([]);
  });

  it.each([
    [{ from_s: '-1' }, 'from_s'],
    [{ from_s: '2', to_s: '1' }, 'to_s'],
    [{ to_s: '0' }, 'to_s'],
    [{ to_s: 'x' }, 'to_s'],
    [{ language: 'not a language' }, 'language'],
  ])('refuse %j, naming the field', async (fields, field) => {
    await open();
    const answer = await send(fields);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input', errors: [{ field }] } });
  });

  it('say what kept a recording from being heard', async () => {
    await open();
    expect(await send({ from_s: '9' }, { headers: WAIT })).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ field: 'from_s' }] },
    });
    expect(await send({}, { headers: WAIT, bytes: makeSpokenWav(2) })).toMatchObject({
      status: 422,
      body: { code: 'no_speech' },
    });
    expect(await send({}, { bytes: new Uint8Array(5000) })).toMatchObject({ status: 415 });
  });

  it('say how to get an engine where there is none, before the upload is read', async () => {
    await open({ engine: null });
    expect(await send({})).toMatchObject({ status: 503, body: { code: 'engine_unavailable' } });
    await bench.addFile('story.mp3', SPOKEN);
    const answer = await test.request('POST', '/api/audio/story.mp3/transcribe', { token: user.token });
    expect(answer.json()).toMatchObject({ status: 503, code: 'engine_unavailable' });
    expect(answer.json<{ detail: string }>().detail).toContain('doctor');
  });

  it('transcribe a file of the library, with and without a body', async () => {
    await open();
    await bench.addFile('story.mp3', SPOKEN);
    const url = '/api/audio/story.mp3/transcribe';
    const answer = await test.request('POST', url, { token: user.token, headers: WAIT });
    expect(answer.json()).toMatchObject({ status: 'COMPLETED', result: { filename: 'story.mp3' } });
    const other = await test.request('POST', url, {
      token: user.token,
      headers: WAIT,
      body: { language: 'de' },
    });
    expect(other.statusCode).toBe(200);
    expect(bench.asked.count).toBe(2);
    for (const [path, status] of [
      ['/api/audio/none.mp3/transcribe', 404],
      ['/api/audio/..%2Fx/transcribe', 400],
    ] as const) {
      expect((await test.request('POST', path, { token: user.token })).statusCode).toBe(status);
    }
    const bad = await test.request('POST', url, { token: user.token, body: { language: 7 } });
    expect(bad.statusCode).toBe(400);
    expect((await test.request('POST', url)).statusCode).toBe(401);
  });

  it('show debug files to whoever may see the request, and to nobody else', async () => {
    await open({
      speech: { debugUploads: 'on-error' },
      hear: async () => {
        throw new AppError('engine_refused', 'The engine says no.');
      },
    });
    const begun = await send({});
    const url = `/api/requests/${String(begun.body['request_id'])}`;
    const look = async (token: string) =>
      (await test.request('GET', url, { token })).json<{ status: string | number; error: unknown }>();
    await expect.poll(async () => (await look(user.token)).status, PATIENT).toBe('FAILED');
    const { error } = await look(user.token);
    expect(error).toMatchObject({ code: 'engine_refused', error_type: 'engine_refused', user_id: user.id });
    const files = (error as { debug_files: { name: string; url: string }[] }).debug_files;
    expect(files.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^error-input-\d+T\d+Z-engine_refused\.wav$/),
      expect.stringMatching(/^error-output-\d+T\d+Z-engine_refused\.wav$/),
    ]);
    const admin = await test.addUser('boss', { isAdmin: true });
    expect((await look(admin.token)).error).toMatchObject({ user_id: user.id });
    for (const tenantId of ['default', 'other']) {
      const stranger = await test.addUser(`stranger-${tenantId}`, {
        tenantId,
        isAdmin: tenantId === 'other',
      });
      expect((await look(stranger.token)).status).toBe(404);
    }
    const events = await test.request('GET', `${url}/events`, { token: user.token });
    expect(events.body).toContain('debug_files');

    const file = await test.request('GET', files[0]?.url ?? '');
    expect(file.statusCode).toBe(200);
    expect(file.rawPayload.equals(SPOKEN)).toBe(true);
    const waited = await send({}, { headers: { prefer: 'wait=20' } });
    expect(waited).toMatchObject({
      status: 502,
      body: { details: { error_type: 'engine_refused', user_id: user.id, debug_files: [{}, {}] } },
    });
    expect(file.headers).toMatchObject({
      'cache-control': 'private, no-store',
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
    });
    const [path = '', query = ''] = (files[0]?.url ?? '').split('?');
    const otherName = (files[1]?.url ?? '').split('?')[0] ?? '';
    for (const forged of [
      `${otherName}?${query}`,
      `${path}?${query}x`,
      `/api/debug/..%2F..%2Foriginals/x?${query}`,
      `/api/debug/x/..?${query}`,
    ]) {
      expect((await test.request('GET', forged)).statusCode).toBe(404);
    }
    expect((await test.request('GET', path)).statusCode).toBe(404);
    expect((await test.request('GET', `${path}?expires=x`)).statusCode).toBe(400);
  });

  it('count what they did', async () => {
    await open();
    await send({}, { headers: WAIT });
    await expect.poll(() => bench.leftovers(), PATIENT).toEqual([]);
    const { body } = await test.request('GET', '/metrics');
    expect(body).toContain('earshot_transcriptions_total{end="completed"} 1');
    expect(body).toContain('earshot_transcription_temporary_files_left_total 0');
    expect(body).toMatch(/earshot_transcription_recorded_seconds_total 4\n/);
  });
});
