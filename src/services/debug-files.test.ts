import { afterEach, describe, expect, it } from 'vitest';
import {
  CALLER,
  makeSpokenWav,
  openTranscribeBench,
  type TranscribeBench,
  type TranscribeBenchOptions,
} from '../../test/transcribe-bench.ts';
import { AppError } from '../domain/app-error.ts';
import { failureOf } from './actions/action.ts';
import { KEEP_DEBUG_MS, openDebugFile, showDebugFiles } from './debug-files.ts';
import { orderTranscription } from './order-transcription.ts';
import { sweepExpiringObjects } from './sweep-expired.ts';

const SPOKEN = makeSpokenWav(4, [1, 2]);
const refuses = async () => {
  throw new AppError('engine_refused', 'The engine says no.');
};

describe('debug files of transcriptions', { timeout: 60_000 }, () => {
  let bench: TranscribeBench | null = null;
  let nowMs = Date.UTC(2026, 0, 10, 8, 30, 0, 5);
  afterEach(async () => {
    expect(await bench?.leftovers()).toEqual([]);
    await bench?.close();
    bench = null;
  });

  async function run(options: TranscribeBenchOptions, caller = CALLER) {
    bench = await openTranscribeBench({ ...options, ports: { clock: () => nowMs } });
    await bench.addFile('story.mp3', SPOKEN);
    const request = await orderTranscription(bench.ports, caller, 'story.mp3', {});
    const error: unknown = await bench.run(request).then(
      () => null,
      (caught: unknown) => caught,
    );
    const { items } = await bench.ports.objects.list('debug/', { limit: 20 });
    return { bench, request, error, keys: items.map(({ key }) => key) };
  }

  it('are not kept unless they are asked for', async () => {
    expect(await run({ hear: refuses })).toMatchObject({ keys: [], error: { details: {} } });
    await bench?.close();
    expect(await run({ speech: { debugUploads: 'on-error' } })).toMatchObject({ keys: [], error: null });
  });

  it('are what a failed run had before it, under the user, and are told with the error', async () => {
    const { bench: opened, keys, error } = await run({ hear: refuses, speech: { debugUploads: 'on-error' } });
    const expected = [
      'debug/user/error-input-20260110T083000005Z-engine_refused.wav',
      'debug/user/error-output-20260110T083000005Z-engine_refused.wav',
    ];
    expect(keys).toEqual(expected);
    const failure = failureOf(error);
    expect(failure).toMatchObject({ code: 'engine_refused', message: 'The engine says no.' });
    const { ports } = opened;
    const shown = showDebugFiles(ports, failure);
    expect(shown).toMatchObject({ error_type: 'engine_refused', user_id: 'user' });
    expect(shown?.debug_files.map(({ name }) => `debug/user/${name}`)).toEqual(expected);

    const [input] = shown?.debug_files ?? [];
    const url = new URL(input?.url ?? '', 'http://host');
    expect(url.pathname).toBe(`/api/${expected[0]}`);
    const expiresAtMs = Number(url.searchParams.get('expires'));
    const signature = url.searchParams.get('signature') ?? '';
    expect(expiresAtMs).toBe(nowMs + 15 * 60_000);
    const [name = '', other = ''] = expected.map((key) => key.slice('debug/user/'.length));
    expect(await openDebugFile(ports, 'user', name, expiresAtMs, signature)).toMatchObject({
      sizeBytes: SPOKEN.length,
    });
    for (const attempt of [
      openDebugFile(ports, 'user', other, expiresAtMs, signature),
      openDebugFile(ports, 'user', name, expiresAtMs + 1, signature),
      openDebugFile(ports, 'user', name, expiresAtMs, `${signature.slice(0, -1)}x`),
      openDebugFile(ports, 'user', name, expiresAtMs, ''),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'not_found' });
    }
    nowMs += 15 * 60_000;
    await expect(openDebugFile(ports, 'user', name, expiresAtMs, signature)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('are told with an error of which nothing else may be told', async () => {
    const breaks = async () => {
      throw new TypeError('Cannot read /home/anna.');
    };
    const { bench: opened, error } = await run({ hear: breaks, speech: { debugUploads: 'on-error' } });
    const failure = failureOf(error);
    expect(failure).toMatchObject({ code: 'internal', message: 'Something went wrong inside the server.' });
    expect(showDebugFiles(opened.ports, failure)).toMatchObject({
      error_type: 'internal',
      debug_files: [{}, {}],
    });
  });

  it('are those of the last attempt, where trying again can help', async () => {
    bench = await openTranscribeBench({
      speech: { debugUploads: 'on-error' },
      hear: async () => {
        throw new AppError('engine_unavailable', 'Not now.');
      },
    });
    await bench.addFile('story.mp3', SPOKEN);
    const request = await orderTranscription(bench.ports, CALLER, 'story.mp3', {});
    for (const isLastAttempt of [false, true]) {
      const run = bench.run(request, { isLastAttempt });
      await expect(run).rejects.toMatchObject({ code: 'engine_unavailable' });
      const { items } = await bench.ports.objects.list('debug/', { limit: 9 });
      expect(items).toHaveLength(isLastAttempt ? 2 : 0);
    }
  });

  it('are kept of every run where that is asked for', async () => {
    const { keys, request } = await run({ speech: { debugUploads: 'always' } });
    const timestamp = new Date(nowMs).toISOString().replace(/[-:.]/g, '');
    const name = `${timestamp}-${request.requestId}.wav`;
    expect(keys).toEqual([`debug/user/debug-input-${name}`, `debug/user/debug-output-${name}`]);
  });

  it('of a user whose id no key may hold are under a name of their own', async () => {
    const options: TranscribeBenchOptions = { hear: refuses, speech: { debugUploads: 'on-error' } };
    const { keys } = await run(options, { ...CALLER, userId: '../admin' });
    expect(keys[0]).toMatch(/^debug\/x2e2e2f61646d696e\/error-input-/);
  });

  it('do not hide the error of a run when they cannot be kept', async () => {
    bench = await openTranscribeBench({ hear: refuses, speech: { debugUploads: 'on-error' } });
    await bench.addFile('story.mp3', SPOKEN);
    const request = await orderTranscription(bench.ports, CALLER, 'story.mp3', {});
    const { objects } = bench.ports;
    const write = objects.write.bind(objects);
    objects.write = async (key, ...rest) => {
      if (key.startsWith('debug/')) throw new AppError('insufficient_storage', 'Full.');
      return write(key, ...rest);
    };
    await expect(bench.run(request)).rejects.toMatchObject({ code: 'engine_refused' });
  });

  it('are gone after a week', async () => {
    const { bench: opened } = await run({ hear: refuses, speech: { debugUploads: 'on-error' } });
    const { objects } = opened.ports;
    const sweepAt = (atMs: number) => sweepExpiringObjects({ ...opened.ports, clock: () => atMs });
    const { modifiedAtMs = NaN } = (await objects.list('debug/', { limit: 1 })).items[0] ?? {};
    await sweepAt(modifiedAtMs + KEEP_DEBUG_MS);
    expect((await objects.list('debug/', { limit: 9 })).items).toHaveLength(2);
    await sweepAt(modifiedAtMs + KEEP_DEBUG_MS + 60_000);
    expect((await objects.list('debug/', { limit: 9 })).items).toEqual([]);
  });
});
