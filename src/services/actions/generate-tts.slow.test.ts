import { afterEach, describe, expect, it } from 'vitest';
import { espeakProcesses } from '../../../test/espeak-processes.ts';
import { createMemoryPorts } from '../../../test/memory-ports.ts';
import { openSpeechApp, type SpeechApp } from '../../../test/speech-app.ts';
import { createEspeakTextToSpeech } from '../../adapters/espeak/espeak-text-to-speech.ts';
import type { TextToSpeech } from '../../domain/text-to-speech.ts';
import { readTranscriptObject } from '../transcript-object.ts';

const STORY =
  'Once upon a time there was a hare, and the hare was quick. The hedgehog was not; it thought instead. ';

describe('generate_tts with eSpeak', { timeout: 600_000 }, () => {
  const { log } = createMemoryPorts();
  let app: SpeechApp;
  /** Counted as it was heard, call by call. */
  let heardBytes = 0;
  const open = async () => {
    const engine = createEspeakTextToSpeech({ log });
    heardBytes = 0;
    const counted: TextToSpeech = {
      ...engine,
      async *speak(text, options) {
        for await (const chunk of engine.speak(text, options)) {
          heardBytes += chunk.length;
          yield chunk;
        }
      },
    };
    app = await openSpeechApp(counted);
  };
  const speak = async (text: string) => {
    const response = await app.order({ filename: 'long.mp3', text, speed: 4 });
    expect(response.statusCode, response.body.slice(0, 300)).toBe(202);
    return app.ended(response.json<{ request_id: string }>().request_id);
  };
  const find = () => app.ports.audioFiles.find('default', 'long.mp3');
  afterEach(() => app.close());

  it('speaks 100,000 characters with one process, without losing a sample', async () => {
    await open();
    const text = STORY.repeat(1000).slice(0, 100_000);
    const processes = new Set<number>();
    const looking = setInterval(() => {
      for (const pid of espeakProcesses()) processes.add(pid);
    }, 50);
    const startedAt = performance.now();
    const { status, requestId, error } = await speak(text);
    clearInterval(looking);
    const tookS = (performance.now() - startedAt) / 1000;
    expect(error).toBeUndefined();
    expect(status).toBe('COMPLETED');
    const file = await find();
    const durationS = (file?.durationMs ?? 0) / 1000;
    const heardS = heardBytes / 2 / 22_050;
    expect(file?.originalSizeBytes).toBe(44 + heardBytes);
    expect(Math.abs(durationS - heardS)).toBeLessThan(0.1);
    expect(durationS).toBeGreaterThan(1500);
    expect(processes.size).toBe(1);
    const told = (app.told.get(requestId) ?? []).map(({ percentage }) => percentage);
    expect(new Set(told).size).toBeGreaterThan(10);

    const { segments } = await readTranscriptObject(app.ports.objects, file?.transcriptKey ?? '');
    expect(segments.map((segment) => segment.text).join(' ').length).toBeGreaterThan(99_000);
    expect(Math.abs((segments.at(-1)?.endMs ?? 0) / 1000 - heardS)).toBeLessThan(0.01);
    expect(await app.leftovers()).toEqual([]);
    process.stdout.write(
      `100,000 characters: ${durationS.toFixed(0)} s of speech in ${tookS.toFixed(1)} s\n`,
    );
  });

  it('speaks one word of 100,000 letters', async () => {
    await open();
    expect(await speak('a'.repeat(100_000))).toMatchObject({ status: 'COMPLETED' });
    expect((await find())?.originalSizeBytes).toBe(44 + heardBytes);
    expect(await app.leftovers()).toEqual([]);
  });
});
