import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpeakOptions, TextToSpeech } from '../../src/domain/text-to-speech.ts';

export interface TextToSpeechHarness {
  readonly engine: TextToSpeech;
  /** Makes the next call fail as when the engine is down. */
  goDown(): void | Promise<void>;
  close(): Promise<void>;
}

const TEXT = 'The hare ran, and the hedgehog did not.';

/** The sound of a call, in bytes. */
export async function hear(
  engine: TextToSpeech,
  text: string,
  options: Partial<SpeakOptions> = {},
): Promise<Buffer> {
  const { signal } = new AbortController();
  const chunks: Uint8Array[] = [];
  for await (const chunk of engine.speak(text, { speed: 1, isSsml: false, signal, ...options }))
    chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** What text-to-speech.ts promises, of any engine. */
export function textToSpeechContract(name: string, open: () => Promise<TextToSpeechHarness>): void {
  describe(`text to speech: ${name}`, { timeout: 60_000 }, () => {
    let harness: TextToSpeechHarness;
    let engine: TextToSpeech;
    const { signal } = new AbortController();
    beforeAll(async () => {
      harness = await open();
      ({ engine } = harness);
    });
    afterAll(() => harness.close());

    it('speaks in whole samples, and longer what is longer', async () => {
      const short = await hear(engine, TEXT);
      const long = await hear(engine, `${TEXT} ${TEXT} ${TEXT}`);
      expect(short.length % 2).toBe(0);
      expect(long.length % 2).toBe(0);
      expect(long.length).toBeGreaterThan(2 * short.length);
      expect(short.length / 2 / engine.sampleRateHz).toBeGreaterThan(0.5);
    });

    it('speaks faster when it is to', async () => {
      const plain = await hear(engine, TEXT);
      const fast = await hear(engine, TEXT, { speed: 2 });
      expect(fast.length % 2).toBe(0);
      expect(fast.length).toBeLessThan(plain.length);
    });

    it.each([0.25, 4])('takes the speed %d', async (speed) => {
      expect((await hear(engine, TEXT, { speed })).length).toBeGreaterThan(0);
    });

    it('takes as many characters as it says, whatever they are', async () => {
      for (const character of ['a ', '& ', '你', '<b']) {
        const text = character.repeat(engine.maxCharacters).slice(0, engine.maxCharacters);
        expect((await hear(engine, text)).length % 2).toBe(0);
      }
    });

    it('lists its voices, and speaks with any of them', async () => {
      const voices = await engine.voices(signal);
      expect(new Set(voices.map(({ id }) => id)).size).toBe(voices.length);
      for (const { language, name: shown } of voices) {
        expect(shown).not.toBe('');
        expect(language === '*' || Intl.getCanonicalLocales(language).length === 1).toBe(true);
      }
      const voiceId = await engine.defaultVoice(signal);
      expect(voices.map(({ id }) => id)).toContain(voiceId);
      expect((await hear(engine, TEXT, { voiceId })).length).toBeGreaterThan(0);
    });

    it('refuses a voice that it has not', async () => {
      await expect(hear(engine, TEXT, { voiceId: 'nobody' })).rejects.toMatchObject({
        code: 'invalid_input',
        field: 'voice',
      });
    });

    it('takes markup, or refuses it', async () => {
      const spoken = hear(engine, '<speak>The hare <break time="300ms"/> ran &amp; ran.</speak>', {
        isSsml: true,
      });
      if (engine.takesSsml) expect((await spoken).length).toBeGreaterThan(0);
      else await expect(spoken).rejects.toMatchObject({ code: 'invalid_input', field: 'text' });
    });

    it('stops when nobody waits any more', async () => {
      await expect(hear(engine, TEXT, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'aborted',
      });
      const leaving = new AbortController();
      const speaking = engine.speak(TEXT.repeat(20), { speed: 1, isSsml: false, signal: leaving.signal });
      const heard = async () => {
        for await (const _chunk of speaking) leaving.abort();
      };
      await expect(heard()).rejects.toMatchObject({ code: 'aborted' });
      // And is there for the next.
      expect((await hear(engine, TEXT)).length).toBeGreaterThan(0);
    });

    it('can be left in the middle', async () => {
      for await (const chunk of engine.speak(TEXT, { speed: 1, isSsml: false, signal })) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect((await hear(engine, TEXT)).length).toBeGreaterThan(0);
    });

    it('says that it is down, and no vendor’s words', async () => {
      await harness.goDown();
      const failure = await hear(engine, TEXT.repeat(20)).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'engine_unavailable' });
      expect(String(failure)).not.toContain('vendor');
    });

    it('describes itself', async () => {
      expect(await engine.describe()).toMatchObject({ kind: engine.kind });
    });
  });
}
