import { setTimeout } from 'node:timers/promises';
import { throwIfAborted } from '../src/domain/abort.ts';
import { ValidationError } from '../src/domain/app-error.ts';
import type { SpeakOptions, TextToSpeech } from '../src/domain/text-to-speech.ts';

/** An engine that makes so many samples of each character, each of them a number that tells where it belongs. */
export interface MadeSpeech extends TextToSpeech {
  /** What it was given, call by call. */
  readonly spoken: { readonly text: string; readonly voiceId: string | undefined; readonly speed: number }[];
  /** Called before each; may throw, or wait. */
  before: (text: string, options: SpeakOptions) => Promise<void>;
}

export const SAMPLES_PER_CHARACTER = 80;

export function createMadeSpeech(change: Partial<TextToSpeech> = {}): MadeSpeech {
  let sample = 0;
  const made: MadeSpeech = {
    kind: 'espeak',
    sampleRateHz: 16_000,
    maxCharacters: 50,
    takesSsml: true,
    isLocal: true,
    spoken: [],
    before: async () => undefined,
    describe: async () => ({ kind: 'espeak', model: 'made' }),
    voices: async () => [
      { id: 'one', name: 'One', language: 'en-GB', gender: 'female' },
      { id: 'any', name: 'Any', language: '*', gender: 'neutral' },
    ],
    defaultVoice: async () => 'one',
    async *speak(text, options) {
      const { voiceId, speed, signal } = options;
      if (voiceId !== undefined && !['one', 'any'].includes(voiceId))
        throw new ValidationError('voice', 'No.');
      made.spoken.push({ text, voiceId, speed });
      await made.before(text, options);
      for (const _character of text) {
        throwIfAborted(signal);
        const bytes = Buffer.alloc(SAMPLES_PER_CHARACTER * 2);
        for (let at = 0; at < bytes.length; at += 2) {
          bytes.writeInt16LE(Math.round(8000 * Math.sin(sample / 7)), at);
          sample += 1;
        }
        // Cut within a sample, as a port may.
        yield bytes.subarray(0, 33);
        yield bytes.subarray(33);
        if (sample % 8000 === 0) await setTimeout(0);
      }
    },
    ...change,
  };
  return made;
}
