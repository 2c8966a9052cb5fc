import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hear } from '../../../test/contracts/text-to-speech.contract.ts';
import { createMemoryPorts } from '../../../test/memory-ports.ts';
import { startPollyStandIn, type PollyStandIn } from '../../../test/servers/polly-stand-in.ts';
import { createPollyTextToSpeech, type PollyOptions } from './polly-text-to-speech.ts';

/** Fewer than the program makes: between them it waits. */
const ATTEMPTS = 3;

describe('Polly', { timeout: 60_000 }, () => {
  const { log } = createMemoryPorts();
  let polly: PollyStandIn;
  let nowMs = 0;
  const open = (change: Partial<PollyOptions> = {}) =>
    createPollyTextToSpeech({
      region: 'eu-central-1',
      endpoint: polly.endpoint,
      credentials: polly.key,
      log,
      clock: () => nowMs,
      maxAttempts: ATTEMPTS,
      ...change,
    });
  beforeEach(async () => {
    polly = await startPollyStandIn();
    nowMs = 0;
  });
  afterEach(() => polly.stop());
  const last = () => polly.asked.at(-1);

  it('asks for PCM of the neural engine where the voice has it, else of the standard one', async () => {
    expect(await hear(open(), 'Hello.')).toHaveLength(6 * 2000);
    expect(last()).toEqual({
      Engine: 'neural',
      OutputFormat: 'pcm',
      SampleRate: '16000',
      Text: 'Hello.',
      TextType: 'text',
      VoiceId: 'Joanna',
    });
    await hear(open(), 'Hello.', { voiceId: 'Geraint' });
    expect(last()).toMatchObject({ Engine: 'standard', VoiceId: 'Geraint' });
  });

  it('puts a speed into markup, with the text escaped, within what Polly does', async () => {
    await hear(open(), 'One < two & three', { speed: 1.25 });
    expect(last()).toMatchObject({
      TextType: 'ssml',
      Text: '<speak><prosody rate="125%">One &lt; two &amp; three</prosody></speak>',
    });
    await hear(open(), 'One', { speed: 4 });
    expect(last()?.['Text']).toContain('rate="200%"');
    await hear(open(), 'One', { speed: 0.25 });
    expect(last()?.['Text']).toContain('rate="25%"');
    await hear(open(), '<speak xml:lang="en">One</speak>', { speed: 0.5, isSsml: true });
    expect(last()?.['Text']).toBe('<speak xml:lang="en"><prosody rate="50%">One</prosody></speak>');
  });

  it('cuts a text once more that escaping makes too long', async () => {
    const sound = await hear(open(), '&'.repeat(3000), { speed: 2 });
    expect(polly.asked).toHaveLength(3);
    expect(sound).toHaveLength((3000 * 2000) / 2);
  });

  it('reads all pages of voices, once an hour', async () => {
    const engine = open();
    const { signal } = new AbortController();
    expect((await engine.voices(signal)).map(({ id, language, gender }) => [id, language, gender])).toEqual([
      ['Joanna', 'en-US', 'female'],
      ['Geraint', 'en-GB', 'male'],
      ['Vicki', 'de-DE', 'female'],
    ]);
    await hear(engine, 'Hello.');
    const isOfVoices = (line: string) => line.startsWith('GET /v1/voices');
    expect(polly.received.filter(isOfVoices)).toHaveLength(2);
    nowMs = 3_600_000;
    await engine.voices(signal);
    expect(polly.received.filter(isOfVoices)).toHaveLength(4);
  });

  it('speaks with a voice of the language that is configured', async () => {
    expect(await open({ language: 'de' }).defaultVoice(new AbortController().signal)).toBe('Vicki');
    expect(await open({ language: 'pt' }).defaultVoice(new AbortController().signal)).toBe('Joanna');
  });

  it('says what is wrong with markup', async () => {
    const spoken = hear(open(), '<speak><nothing-of-polly/>One</speak>', { isSsml: true });
    await expect(spoken).rejects.toMatchObject({ code: 'invalid_input', field: 'text' });
  });

  it.each([
    ['a wrong key', { accessKeyId: 'AKIDOTHER', secretAccessKey: 'x' }, 'engine_refused'],
    ['a wrong secret', { accessKeyId: 'AKIDTEST', secretAccessKey: 'wrong' }, 'engine_refused'],
  ])('is refused with %s', async (_what, credentials, code) => {
    await expect(hear(open({ credentials }), 'Hello.')).rejects.toMatchObject({ code });
  });

  it.each([
    ['throttled', 400, 'ThrottlingException', 'engine_unavailable'],
    ['throttled by its status', 429, 'TooManyRequestsException', 'engine_unavailable'],
    ['in pieces', 503, 'ServiceFailureException', 'engine_unavailable'],
    ['given too much', 400, 'TextLengthExceededException', 'engine_refused'],
    ['forbidden', 403, 'AccessDeniedException', 'engine_refused'],
  ])('says that it is %s', async (_what, status, name, code) => {
    const engine = open();
    await engine.voices(new AbortController().signal);
    polly.misbehave(...Array.from({ length: ATTEMPTS }, () => ({ status, name })));
    const failure = await hear(engine, 'Hello.').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code });
    expect(String(failure)).not.toContain('vendor');
  });

  it('passes on when to come again', async () => {
    const engine = open();
    await engine.voices(new AbortController().signal);
    const fault = { status: 429, name: 'ThrottlingException', headers: { 'retry-after': '1' } };
    polly.misbehave(...Array.from({ length: ATTEMPTS }, () => fault));
    const failure = { code: 'engine_unavailable', details: { retry_after_s: 1 } };
    await expect(hear(engine, 'Hello.')).rejects.toMatchObject(failure);
  });

  it('tries again what passes', async () => {
    const engine = open();
    await engine.voices(new AbortController().signal);
    polly.misbehave(
      { status: 400, name: 'ThrottlingException' },
      { status: 500, name: 'ServiceFailureException' },
    );
    expect(await hear(engine, 'Hello.')).toHaveLength(12_000);
  });

  it('notices a connection that is cut in the middle', async () => {
    const engine = open();
    await engine.voices(new AbortController().signal);
    polly.misbehave('cut');
    await expect(hear(engine, 'Hello. '.repeat(100))).rejects.toMatchObject({ code: 'engine_unavailable' });
  });

  it('does not wait for ever', async () => {
    const engine = open({ requestTimeoutMs: 100 });
    await engine.voices(new AbortController().signal);
    polly.misbehave(...Array.from({ length: ATTEMPTS }, () => 'mute' as const));
    await expect(hear(engine, 'Hello.')).rejects.toMatchObject({ code: 'engine_timeout' });
  });

  it('is unavailable where nobody listens', async () => {
    const engine = open({ endpoint: 'http://127.0.0.1:9' });
    await expect(hear(engine, 'Hello.')).rejects.toMatchObject({ code: 'engine_unavailable' });
  });
});
