import { describe, expect, it } from 'vitest';
import { hear } from '../../../test/contracts/text-to-speech.contract.ts';
import { espeakProcesses } from '../../../test/espeak-processes.ts';
import { createMemoryPorts } from '../../../test/memory-ports.ts';
import { createEspeakTextToSpeech } from './espeak-text-to-speech.ts';

const { log } = createMemoryPorts();
const TEXT = 'The hare and the hedgehog went to the field.';

/** Root mean square, 1 = full scale. */
function levelOf(pcm: Buffer): number {
  let sum = 0;
  for (let at = 0; at < pcm.length; at += 2) sum += (pcm.readInt16LE(at) / 32_768) ** 2;
  return Math.sqrt(sum / (pcm.length / 2));
}

describe('eSpeak', { timeout: 60_000 }, () => {
  const engine = createEspeakTextToSpeech({ log });
  const { signal } = new AbortController();
  const secondsOf = (pcm: Buffer) => pcm.length / 2 / engine.sampleRateHz;

  it('makes sound of a plausible length', async () => {
    const pcm = await hear(engine, TEXT);
    expect(secondsOf(pcm)).toBeGreaterThan(1.5);
    expect(secondsOf(pcm)).toBeLessThan(4);
    expect(levelOf(pcm)).toBeGreaterThan(0.02);
  });

  it('takes half the time at twice the speed', async () => {
    const [plain, fast] = [await hear(engine, TEXT), await hear(engine, TEXT, { speed: 2 })].map(secondsOf);
    expect((plain ?? 0) / (fast ?? 0)).toBeGreaterThan(1.7);
    expect((plain ?? 0) / (fast ?? 0)).toBeLessThan(2.3);
  });

  it('has voices of a hundred languages, of either sex', async () => {
    const voices = await engine.voices(signal);
    expect(new Set(voices.map(({ language }) => language)).size).toBeGreaterThan(100);
    expect(voices).toContainEqual({ id: 'de', name: 'German', language: 'de', gender: 'male' });
    expect(voices).toContainEqual({ id: 'de+f3', name: 'German, female', language: 'de', gender: 'female' });
    expect(await engine.defaultVoice(signal)).toBe('en-US');
    const german = createEspeakTextToSpeech({ log, language: 'de-CH' });
    expect(await german.defaultVoice(signal)).toBe('de');
  });

  it('speaks another language otherwise, and with another voice', async () => {
    const words = 'Guten Tag, Herr Hase';
    const [german, english, female] = [
      await hear(engine, words, { voiceId: 'de' }),
      await hear(engine, words, { voiceId: 'en' }),
      await hear(engine, words, { voiceId: 'de+f3' }),
    ];
    expect(german.equals(english ?? Buffer.of())).toBe(false);
    expect(german.length).not.toBe(female?.length);
  });

  it('reads letters of markup in a text as a text, and markup as markup', async () => {
    const paused = await hear(engine, '<speak>One <break time="2s"/> two</speak>', { isSsml: true });
    const plain = await hear(engine, '<speak>One two</speak>', { isSsml: true });
    expect(secondsOf(paused) - secondsOf(plain)).toBeGreaterThan(1.5);
    const text = await hear(engine, 'One <break time="2s"/> two');
    expect(secondsOf(text)).toBeGreaterThan(secondsOf(plain) + 0.5);
  });

  it('goes on in one process, which is gone soon after', async () => {
    await hear(engine, TEXT);
    const before = espeakProcesses();
    for (let call = 0; call < 5; call += 1) await hear(engine, TEXT);
    expect(espeakProcesses()).toEqual(before);
    expect(before.length).toBeGreaterThan(0);
    await expect.poll(espeakProcesses, { timeout: 15_000 }).toEqual([]);
  });

  it('is killed when nobody waits any more, and when it does not get on', async () => {
    const leaving = new AbortController();
    const speaking = hear(engine, TEXT.repeat(200), { signal: leaving.signal });
    await expect.poll(espeakProcesses).not.toEqual([]);
    leaving.abort();
    await expect(speaking).rejects.toMatchObject({ code: 'aborted' });
    await expect.poll(espeakProcesses).toEqual([]);

    const impatient = createEspeakTextToSpeech({ log, stallMs: 5 });
    await expect(hear(impatient, TEXT)).rejects.toMatchObject({ code: 'engine_timeout' });
    await expect.poll(espeakProcesses).toEqual([]);
  });

  it('waits for a reader that takes its time', async () => {
    const slow = engine.speak(TEXT.repeat(100), { speed: 0.5, isSsml: false, signal });
    let chunks = 0;
    let bytes = 0;
    for await (const chunk of slow) {
      chunks += 1;
      bytes += chunk.length;
      if (chunks === 3) await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(bytes / 2 / engine.sampleRateHz).toBeGreaterThan(300);
  });
});
