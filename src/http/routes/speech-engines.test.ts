import { afterEach, describe, expect, it } from 'vitest';
import { createMadeSpeech } from '../../../test/made-speech.ts';
import { openTestApp, type TestApp } from '../../../test/test-app.ts';
import { AppError } from '../../domain/app-error.ts';
import type { SpeechToText } from '../../domain/speech-to-text.ts';
import type { TextToSpeech } from '../../domain/text-to-speech.ts';

const hears = (change: Partial<SpeechToText> = {}): SpeechToText => ({
  kind: 'openai',
  id: 'openai:whisper-1',
  input: { format: 'mp3', maxPieceMs: 1 },
  isLocal: false,
  describe: async () => ({ kind: 'openai', model: 'whisper-1' }),
  transcribe: () => Promise.reject(new Error('Nothing is transcribed here.')),
  ...change,
});

describe('GET /api/speech/engines', () => {
  let test: TestApp;
  let nowMs = 0;
  afterEach(() => test.app.close());

  async function open(
    speechToText: SpeechToText | null,
    change: Partial<TextToSpeech> | null = {},
    sttHint = '',
  ) {
    nowMs = Date.now();
    const textToSpeech = change === null ? null : createMadeSpeech(change);
    test = await openTestApp({ speechToText, textToSpeech, sttHint, clock: () => nowMs });
    const { token } = await test.addUser('ann');
    return async () => {
      const answer = await test.request('GET', '/api/speech/engines', { token });
      expect(answer.statusCode).toBe(200);
      return answer.json<Record<string, unknown>>();
    };
  }

  it('tells which there are, and that they answer', async () => {
    let probes = 0;
    const ask = await open(hears({ probe: async () => void (probes += 1) }));
    expect(await ask()).toEqual({
      hearing: { engine: 'openai', model: 'whisper-1', is_local: false, answers: true },
      speaking: {
        engine: 'espeak',
        model: 'made',
        is_local: true,
        answers: true,
        takes_ssml: true,
        voice_count: 2,
        default_voice: 'one',
      },
    });
    await ask();
    expect(probes).toBe(1);
    nowMs += 10_000;
    await ask();
    expect(probes).toBe(2);
  });

  it('tells why one does not, in words of ours', async () => {
    const cause = new Error('words of the vendor');
    const down = new AppError('engine_unavailable', 'It cannot be reached.', { cause });
    const fail = () => Promise.reject(down);
    const ask = await open(hears({ probe: fail }), { voices: fail });
    const problem = { code: 'engine_unavailable', detail: 'It cannot be reached.' };
    const told = await ask();
    expect(told).toMatchObject({
      hearing: { answers: false, problem },
      speaking: { engine: 'espeak', answers: false, problem },
    });
    expect(told['speaking']).not.toHaveProperty('voice_count');
    expect(JSON.stringify(told)).not.toContain('vendor');
  });

  it('claims nothing of what cannot be asked', async () => {
    const ask = await open(hears({ kind: 'aws' }), null);
    const told = await ask();
    expect(told).toMatchObject({ hearing: { engine: 'aws' }, speaking: null });
    expect(told['hearing']).not.toHaveProperty('answers');
  });

  it('says how to get one that hears', async () => {
    const ask = await open(null, {}, 'sudo apt install pocketsphinx');
    expect(await ask()).toMatchObject({ hearing: null, hearing_hint: 'sudo apt install pocketsphinx' });
  });
});
