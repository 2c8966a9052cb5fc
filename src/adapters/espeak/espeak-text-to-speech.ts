import { ValidationError } from '../../domain/app-error.ts';
import { throwIfAborted } from '../../domain/abort.ts';
import type { Log } from '../../domain/log.ts';
import { escapeXml } from '../../domain/ssml.ts';
import type { TextToSpeech } from '../../domain/text-to-speech.ts';
import { EspeakProcesses } from './espeak-processes.ts';
import { listVoices, voiceOf, type ListedVoice } from './espeak-voices.ts';
import type { EspeakVoices } from './espeak-wire.ts';

export interface EspeakOptions {
  readonly log: Log;
  /** BCP 47: of the voice that speaks where none is named. */
  readonly language?: string | undefined;
  readonly stallMs?: number | undefined;
}

const WORDS_A_MINUTE = 175;
/** What eSpeak does at the least and at the most: speeds from 0.46 to 2.57. */
const MIN_RATE = 80;
const MAX_RATE = 450;
/** About a minute of speech: what is told of the progress, and the times in the transcript, go by the piece. */
const MAX_CHARACTERS = 1000;
const DEFAULT_STALL_MS = 30_000;
const SAMPLE_RATE_HZ = 22_050;
const FALLBACK_VOICE = 'en-US';

/** eSpeak NG from npm: always there, for a hundred languages, and robotic. */
export function createEspeakTextToSpeech({
  log,
  language,
  stallMs = DEFAULT_STALL_MS,
}: EspeakOptions): TextToSpeech {
  const processes = new EspeakProcesses({ log, stallMs });
  let known: readonly ListedVoice[] | null = null;

  /** They come with the package: once they are read, they stay. */
  const readVoices = async (signal: AbortSignal): Promise<readonly ListedVoice[]> => {
    throwIfAborted(signal);
    if (known !== null) return known;
    const chunks: Uint8Array[] = [];
    for await (const chunk of processes.ask({ kind: 'voices' }, signal)) chunks.push(chunk);
    const { voices, sampleRateHz } = JSON.parse(Buffer.concat(chunks).toString()) as EspeakVoices;
    if (sampleRateHz !== SAMPLE_RATE_HZ) throw new Error(`eSpeak speaks at ${sampleRateHz} Hz.`);
    known = listVoices(voices);
    return known;
  };

  const findVoice = async (voiceId: string | undefined, signal: AbortSignal): Promise<ListedVoice> => {
    const voices = await readVoices(signal);
    const ofLanguage = language === undefined ? undefined : voiceOf(voices, language);
    const voice =
      voiceId === undefined
        ? (ofLanguage ?? voices.find(({ id }) => id === FALLBACK_VOICE))
        : voices.find(({ id }) => id === voiceId);
    if (voice === undefined) throw new ValidationError('voice', 'There is no such voice.');
    return voice;
  };

  return {
    kind: 'espeak',
    sampleRateHz: SAMPLE_RATE_HZ,
    maxCharacters: MAX_CHARACTERS,
    takesSsml: true,
    isLocal: true,
    describe: async () => ({ kind: 'espeak', model: 'espeak-ng' }),
    async voices(signal) {
      return (await readVoices(signal)).map(({ identifier: _identifier, ...voice }) => voice);
    },
    async defaultVoice(signal) {
      return (await findVoice(undefined, signal)).id;
    },
    async *speak(text, { voiceId, speed, isSsml, signal }) {
      const { identifier } = await findVoice(voiceId, signal);
      const rate = Math.round(Math.min(MAX_RATE, Math.max(MIN_RATE, WORDS_A_MINUTE * speed)));
      yield* processes.ask(
        { kind: 'speak', voice: identifier, rate, markup: isSsml ? text : asMarkup(text) },
        signal,
      );
    },
  };
}

/** `[[` would begin phonemes in its own notation. */
const asMarkup = (text: string): string => escapeXml(text).replace(/\[(?=\[)/g, '[ ');
