import { PollyClient, SynthesizeSpeechCommand, type PollyClientConfig } from '@aws-sdk/client-polly';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError, ValidationError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Log } from '../../domain/log.ts';
import { characterCount, splitText } from '../../domain/split-text.ts';
import { escapeXml } from '../../domain/ssml.ts';
import type { SpeakOptions, TextToSpeech } from '../../domain/text-to-speech.ts';
import { clientOptions, type ServiceOptions } from '../aws/client-options.ts';
import { translatePollyError } from './polly-error.ts';
import { describeVoices, type PollyVoice } from './polly-voices.ts';

export interface PollyOptions extends ServiceOptions<PollyClientConfig['credentials']> {
  readonly log: Log;
  readonly clock: Clock;
  /** BCP 47: of the voice that speaks where none is named. */
  readonly language?: string | undefined;
  readonly requestTimeoutMs?: number | undefined;
}

/** The highest rate that Polly gives PCM in, whatever the engine. */
const SAMPLE_RATE_HZ = 16_000;
/** Billed ones; with markup, twice as many. https://docs.aws.amazon.com/polly/latest/dg/limits.html */
const MAX_CHARACTERS = 3000;
const MAX_WITH_MARKUP = 6000;
/** What is left of them when each character is escaped, and a tag stands around them. */
const MAX_ESCAPED = 1000;
/** Of `<prosody rate>`, in hundredths of the voice's own. */
const MIN_RATE = 20;
const MAX_RATE = 200;
const VOICES_FOR_MS = 3_600_000;
const REQUEST_TIMEOUT_MS = 60_000;
const FALLBACK_VOICE = 'Joanna';

/** AWS Polly: SynthesizeSpeech, with the neural engine where the voice has one. */
export function createPollyTextToSpeech(options: PollyOptions): TextToSpeech {
  const { log, clock, language, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const { requestHandler, ...others } = clientOptions(options, requestTimeoutMs);
  // Its own would be HTTP/2, which keeps none of these time-outs, and which others than AWS do not speak.
  const client = new PollyClient({ ...others, requestHandler: new NodeHttpHandler(requestHandler) });
  let known: { readonly voices: readonly PollyVoice[]; readonly untilMs: number } | null = null;

  const readVoices = async (signal: AbortSignal): Promise<readonly PollyVoice[]> => {
    throwIfAborted(signal);
    if (known === null || clock() >= known.untilMs) {
      try {
        known = { voices: await describeVoices(client, signal), untilMs: clock() + VOICES_FOR_MS };
      } catch (error) {
        throw translatePollyError(error, signal, log);
      }
    }
    return known.voices;
  };

  const findVoice = async (voiceId: string | undefined, signal: AbortSignal): Promise<PollyVoice> => {
    const voices = await readVoices(signal);
    const voice =
      voiceId === undefined
        ? (voices.find((each) => language !== undefined && speaks(each, language)) ??
          voices.find(({ id }) => id === FALLBACK_VOICE) ??
          voices[0])
        : voices.find(({ id }) => id === voiceId);
    if (voice === undefined) throw new ValidationError('voice', 'There is no such voice.');
    return voice;
  };

  async function* speak(text: string, options: SpeakOptions): AsyncGenerator<Uint8Array> {
    const { voiceId, speed, isSsml, signal } = options;
    const { id, engine } = await findVoice(voiceId, signal);
    const markup = isSsml
      ? withRate(text, speed)
      : speed === 1
        ? null
        : withRate(`<speak>${escapeXml(text)}</speak>`, speed);
    if (markup !== null && !isSsml && characterCount(markup) > MAX_WITH_MARKUP) {
      for (const part of splitText(text, MAX_ESCAPED)) yield* speak(part, options);
      return;
    }
    try {
      const command = new SynthesizeSpeechCommand({
        OutputFormat: 'pcm',
        SampleRate: String(SAMPLE_RATE_HZ),
        VoiceId: id as NonNullable<SynthesizeSpeechCommand['input']['VoiceId']>,
        Engine: engine,
        Text: markup ?? text,
        TextType: markup === null ? 'text' : 'ssml',
      });
      const { AudioStream: stream } = await client.send(command, { abortSignal: signal });
      if (stream === undefined)
        throw new AppError('engine_unavailable', 'The speech engine answered without sound.');
      yield* stream as unknown as AsyncIterable<Uint8Array>;
      throwIfAborted(signal);
    } catch (error) {
      throw translatePollyError(error, signal, log);
    }
  }

  return {
    kind: 'polly',
    sampleRateHz: SAMPLE_RATE_HZ,
    maxCharacters: MAX_CHARACTERS,
    takesSsml: true,
    isLocal: false,
    describe: async () => ({ kind: 'polly', model: 'neural' }),
    async voices(signal) {
      return (await readVoices(signal)).map(({ engine: _engine, ...voice }) => voice);
    },
    async defaultVoice(signal) {
      return (await findVoice(undefined, signal)).id;
    },
    speak,
  };
}

const speaks = ({ language }: PollyVoice, wanted: string): boolean =>
  language.toLowerCase() === wanted.toLowerCase() ||
  language.toLowerCase().startsWith(`${wanted.toLowerCase()}-`);

/** Puts all that a document says at a speed, within what Polly does. */
function withRate(document: string, speed: number): string {
  if (speed === 1) return document;
  const rate = Math.round(Math.min(MAX_RATE, Math.max(MIN_RATE, speed * 100)));
  return document
    .replace(/<speak(\s[^>]*)?>/, (tag) => `${tag}<prosody rate="${rate}%">`)
    .replace(/<\/speak\s*>\s*$/, '</prosody></speak>');
}
