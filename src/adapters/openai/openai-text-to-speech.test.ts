import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hear } from '../../../test/contracts/text-to-speech.contract.ts';
import { createMemoryPorts } from '../../../test/memory-ports.ts';
import { speechHandlers, type SpeechScript } from '../../../test/servers/openai-speech.ts';
import { startOpenAiStandIn, type OpenAiStandIn } from '../../../test/servers/openai-stand-in.ts';
import { createOpenAiTextToSpeech, type OpenAiSpeechOptions } from './openai-text-to-speech.ts';

describe('OpenAI’s speech', { timeout: 60_000 }, () => {
  const { log } = createMemoryPorts();
  let script: SpeechScript;
  let server: OpenAiStandIn;
  const open = (change: Partial<OpenAiSpeechOptions> = {}) =>
    createOpenAiTextToSpeech({
      baseUrl: server.baseUrl,
      apiKey: server.apiKey,
      model: 'tts-1',
      log,
      ...change,
    });
  beforeEach(async () => {
    script = { asked: [], contentType: 'audio/pcm' };
    server = await startOpenAiStandIn({ handlers: speechHandlers(script) });
  });
  afterEach(() => server.stop());

  it('asks for PCM, with voice and speed', async () => {
    const sound = await hear(open(), 'Hello.', { voiceId: 'nova', speed: 2 });
    expect(sound).toHaveLength((6 * 3200) / 2);
    expect(script.asked).toEqual([
      { model: 'tts-1', input: 'Hello.', voice: 'nova', response_format: 'pcm', speed: 2 },
    ]);
    expect(server.received).toEqual(['POST /v1/audio/speech']);
  });

  it('takes 4096 characters, counted as people do', async () => {
    expect(await hear(open(), '😀'.repeat(4096))).toHaveLength(4096 * 3200);
  });

  it('gives a gpt model no more than it takes, in any script', async () => {
    const engine = open({ model: 'gpt-4o-mini-tts' });
    expect((await hear(engine, '你'.repeat(engine.maxCharacters))).length).toBeGreaterThan(0);
  });

  it('says that a voice is unknown which the model has not', async () => {
    await expect(hear(open(), 'Hello.', { voiceId: 'verse' })).rejects.toMatchObject({ field: 'voice' });
    expect(
      (await hear(open({ model: 'gpt-4o-mini-tts' }), 'Hello.', { voiceId: 'verse' })).length,
    ).toBeGreaterThan(0);
  });

  it.each(['audio/mpeg', 'audio/wav', 'application/json; charset=utf-8', 'text/html'])(
    'does not take %s for samples',
    async (contentType) => {
      script.contentType = contentType;
      await expect(hear(open(), 'Hello.')).rejects.toMatchObject({ code: 'engine_refused' });
      await expect.poll(() => server.open()).toBe(0);
    },
  );

  it('passes on when to come again', async () => {
    const error = { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' };
    server.misbehave({ status: 429, headers: { 'retry-after': '7' }, error });
    await expect(hear(open(), 'Hello.')).rejects.toMatchObject({
      code: 'engine_unavailable',
      details: { retry_after_s: 7 },
    });
  });

  it('tells a used-up quota from a busy server', async () => {
    const error = {
      message: 'You exceeded your quota',
      type: 'insufficient_quota',
      code: 'insufficient_quota',
    };
    server.misbehave({ status: 429, error });
    await expect(hear(open(), 'Hello.')).rejects.toMatchObject({ code: 'engine_refused' });
  });

  it.each([
    ['cut in the middle', 'cut', 'engine_unavailable'],
    ['reset', 'reset', 'engine_unavailable'],
    ['answered 502', { status: 502 }, 'engine_unavailable'],
  ] as const)('notices a request that is %s', async (_what, fault, code) => {
    server.misbehave(fault);
    await expect(hear(open(), 'Hello. '.repeat(200))).rejects.toMatchObject({ code });
  });

  it('does not wait for ever', async () => {
    server.misbehave('mute');
    await expect(hear(open({ timeoutMs: 200 }), 'Hello.')).rejects.toMatchObject({ code: 'engine_timeout' });
  });

  it('is refused with a wrong key', async () => {
    await expect(hear(open({ apiKey: 'sk-other' }), 'Hello.')).rejects.toMatchObject({
      code: 'engine_refused',
    });
  });
});
