import { afterEach, describe, expect, it } from 'vitest';
import { createMadeSpeech, SAMPLES_PER_CHARACTER, type MadeSpeech } from '../../../test/made-speech.ts';
import { openSpeechApp, type SpeechApp } from '../../../test/speech-app.ts';
import { AppError } from '../../domain/app-error.ts';
import { characterCount } from '../../domain/split-text.ts';
import { speechTextKey } from '../../domain/speech-key.ts';
import type { Ports } from '../ports.ts';
import { LOCAL_CALLER } from '../authenticate.ts';
import { editTranscript } from '../edit-transcript.ts';
import { sweepUploads } from '../sweep-expired.ts';
import { readTranscriptObject } from '../transcript-object.ts';

const TEXT = 'Once upon a time there was a hare. It ran, and ran!\n\nThe hedgehog did not. Why should it?';

describe('generate_tts', { timeout: 60_000 }, () => {
  let app: SpeechApp;
  let engine: MadeSpeech;
  const open = async (change: Parameters<typeof createMadeSpeech>[0] = {}, ports: Partial<Ports> = {}) => {
    engine = createMadeSpeech(change);
    app = await openSpeechApp(engine, ports);
  };
  const order = async (body: Record<string, unknown> = {}): Promise<string> => {
    const response = await app.order({ filename: 'tale.mp3', text: TEXT, ...body });
    expect(response.statusCode, response.body).toBe(202);
    return response.json<{ request_id: string }>().request_id;
  };
  const find = () => app.ports.audioFiles.find('default', 'tale.mp3');
  const transcriptOf = async () => {
    const { transcriptKey = '' } = (await find()) ?? {};
    return readTranscriptObject(app.ports.objects, transcriptKey);
  };
  afterEach(() => app.close());

  it('speaks a text piece by piece into one file, without losing a sample, and keeps it as its transcript', async () => {
    await open();
    const requestId = await order({ title: 'The tale', voice: 'one', speed: 1.5 });
    expect(await find()).toMatchObject({ state: 'processing', title: 'The tale' });
    const { status, result } = await app.ended(requestId);
    expect(status).toBe('COMPLETED');

    expect(engine.spoken.map(({ text }) => text)).toEqual([
      'Once upon a time there was a hare.',
      'It ran, and ran!',
      'The hedgehog did not. Why should it?',
    ]);
    expect(engine.spoken[0]).toMatchObject({ voiceId: 'one', speed: 1.5 });
    const characters = engine.spoken.reduce((sum, { text }) => sum + characterCount(text), 0);
    const file = await find();
    expect(file).toMatchObject({
      state: 'ready',
      originalFilename: 'tale.wav',
      title: 'The tale',
      transcriptStatus: 'completed',
      hasTranscript: true,
      originalSizeBytes: 44 + characters * SAMPLES_PER_CHARACTER * 2,
    });
    const seconds = (characters * SAMPLES_PER_CHARACTER) / engine.sampleRateHz;
    expect((file?.durationMs ?? 0) / 1000).toBeGreaterThan(seconds - 0.03);
    expect((file?.durationMs ?? 0) / 1000).toBeLessThan(seconds + 0.1);
    expect(result).toEqual({
      filename: 'tale.mp3',
      duration: (file?.durationMs ?? 0) / 1000,
      characters: characterCount(TEXT),
    });

    const transcript = await transcriptOf();
    expect(transcript).toMatchObject({ source: 'text', language: 'en-GB' });
    expect(transcript.segments.map(({ text }) => text)).toEqual([
      'Once upon a time there was a hare.',
      'It ran, and ran!',
      'The hedgehog did not.',
      'Why should it?',
    ]);
    const msPerCharacter = (SAMPLES_PER_CHARACTER * 1000) / engine.sampleRateHz;
    expect(transcript.segments[1]?.startMs).toBe(34 * msPerCharacter);
    expect(transcript.segments.at(-1)?.endMs).toBe(Math.round(characters * msPerCharacter));
    expect(await app.leftovers()).toEqual([]);

    const { body, statusCode } = await app.request('GET', '/api/audio/tale.mp3', { token: app.token });
    expect(statusCode).toBe(200);
    expect(body.length).toBeGreaterThan(1000);
  });

  it('tells how far it is, and never goes back', async () => {
    await open();
    const requestId = await order({ text: 'A sentence that is spoken alone here. '.repeat(20) });
    engine.before = () => new Promise((resolve) => setTimeout(resolve, 60));
    await app.ended(requestId);
    const told = app.told.get(requestId) ?? [];
    const percentages = told.map(({ percentage }) => percentage);
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
    expect(told.filter(({ message }) => message === 'speaking').length).toBeGreaterThan(1);
    expect(percentages.some((each) => each > 0 && each < 60)).toBe(true);
  });

  it('makes of markup a transcript without it', async () => {
    await open();
    await app.ended(
      await order({ text: '<speak>The <emphasis>hare</emphasis> ran &amp; ran.<break/>Far.</speak>' }),
    );
    expect((await transcriptOf()).segments.map(({ text }) => text).join(' ')).toBe(
      'The hare ran & ran. Far.',
    );
    for (const { text } of engine.spoken) expect(text).toMatch(/^<speak>.*<\/speak>$/);
  });

  it('leaves nothing when it is cancelled in the middle of a piece', async () => {
    await open();
    const began = Promise.withResolvers<void>();
    engine.before = (_text, { signal }) =>
      new Promise((resolve) => {
        began.resolve();
        signal.addEventListener('abort', () => resolve());
      });
    const requestId = await order();
    await began.promise;
    const response = await app.request('POST', `/api/requests/${requestId}/cancel`, { token: app.token });
    expect(response.json()).toMatchObject({ status: 'CANCELLED' });
    await expect.poll(() => app.leftovers()).toEqual([]);
    expect(await find()).toBeNull();
    const again = await app.request('POST', `/api/requests/${requestId}/retry`, { token: app.token });
    expect(again.statusCode).toBe(409);
  });

  it('has its text kept from the sweep as long as it waits, and not longer', async () => {
    let isLater = false;
    const clock = () => Date.now() + (isLater ? 25 * 3_600_000 : 0);
    await open({}, { clock });
    const began = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    engine.before = async () => {
      began.resolve();
      await held.promise;
    };
    const requestId = await order();
    await began.promise;
    isLater = true;
    await sweepUploads(app.ports);
    expect(await app.leftovers()).toContain(speechTextKey(requestId));
    isLater = false;
    held.resolve();
    await app.ended(requestId);

    await app.ports.objects.write(speechTextKey('gone'), [Buffer.from('Hello.')]);
    isLater = true;
    await sweepUploads(app.ports);
    expect(await app.leftovers()).toEqual([]);
  });

  it('comes again when the engine is down, and speaks from the start', async () => {
    await open({}, { random: () => 0 });
    let calls = 0;
    engine.before = async () => {
      calls += 1;
      if (calls === 2) throw new AppError('engine_unavailable', 'Down.');
    };
    const { status, retryCount } = await app.ended(await order());
    expect({ status, retryCount }).toEqual({ status: 'COMPLETED', retryCount: 1 });
    expect(engine.spoken).toHaveLength(2 + 3);
    expect(await app.leftovers()).toEqual([]);
  });

  it('says so when the engine will not do it, and leaves nothing', async () => {
    await open();
    engine.before = async () => {
      throw new AppError('engine_refused', 'The key is wrong.');
    };
    const { status, error } = await app.ended(await order());
    expect(status).toBe('FAILED');
    expect(error).toMatchObject({ code: 'engine_refused', retryable: false });
    expect(await app.leftovers()).toEqual([]);
    expect(await find()).toBeNull();
  });

  it('takes half a sample for what it is: an engine that broke off', async () => {
    await open({
      async *speak() {
        yield new Uint8Array(3);
      },
    });
    const requestId = await order();
    await expect.poll(async () => (await app.ports.queue.find(requestId))?.status).toBe('RETRYING');
    expect((await app.ports.queue.find(requestId))?.error).toMatchObject({ code: 'engine_unavailable' });
  });

  it('goes on with what was spoken whole, when it is run again', async () => {
    // The first transcript fails, after the ingest.
    await open({}, { random: () => 0 });
    const { audioFiles } = app.ports;
    const save = audioFiles.save.bind(audioFiles);
    let isBroken = true;
    audioFiles.save = async (file, ...rest) => {
      if (file.transcriptStatus === 'completed' && isBroken) {
        isBroken = false;
        throw new AppError('storage_unavailable', 'Away.');
      }
      return save(file, ...rest);
    };
    const { status } = await app.ended(await order());
    expect(status).toBe('COMPLETED');
    expect(isBroken).toBe(false);
    expect(engine.spoken).toHaveLength(3);
    expect(await find()).toMatchObject({ state: 'ready', transcriptStatus: 'completed' });
    expect(await app.leftovers()).toEqual([]);
  });

  it('leaves what a person wrote before it was run again', async () => {
    await open({}, { random: () => 0 });
    const { audioFiles } = app.ports;
    const save = audioFiles.save.bind(audioFiles);
    audioFiles.save = async (file, ...rest) => {
      if (file.transcriptStatus !== 'completed') return save(file, ...rest);
      audioFiles.save = save;
      await editTranscript(app.ports, LOCAL_CALLER, file.filename, { text: 'As I would say it.' });
      throw new AppError('storage_unavailable', 'Away.');
    };
    expect(await app.ended(await order())).toMatchObject({ status: 'COMPLETED', retryCount: 1 });
    expect(await find()).toMatchObject({ transcriptExcerpt: 'As I would say it.' });
  });
});
