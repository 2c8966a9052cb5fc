import { AppError, ValidationError } from '../../domain/app-error.ts';
import { throwIfAborted } from '../../domain/abort.ts';
import type { TextToSpeech, Voice } from '../../domain/text-to-speech.ts';
import { jsonBody, openAiRequest, type OpenAiConnection } from './openai-client.ts';
import type { OpenAiRefusal } from './openai-failure.ts';
import { probeOpenAi } from './openai-probe.ts';

export interface OpenAiSpeechOptions extends OpenAiConnection {
  /** `tts-1`, or what the server calls its own. */
  readonly model: string;
  readonly timeoutMs?: number | undefined;
}

/** Of what `response_format: pcm` gives: one channel, 16 bits. */
const SAMPLE_RATE_HZ = 24_000;
/** Of `input`. */
const MAX_CHARACTERS = 4096;
/** These take 2,000 tokens, of which a character may be one, and speak for a few minutes. */
const MODELS_OF_TOKENS = /^gpt-/;
const MAX_CHARACTERS_OF_TOKENS = 1500;
/** Five minutes of speech, made at a speed of its own. */
const DEFAULT_TIMEOUT_MS = 300_000;
const DEFAULT_VOICE = 'alloy';
/** What a server sends that does not know `pcm`, and answers in the format that it has: played as samples, it is noise. */
const NOT_PCM = /^(?:text\/|application\/json|audio\/(?:mpeg|mp3|wav|x-wav|wave|aac|flac|opus|ogg|webm|mp4))/;

const VOICES: readonly Voice[] = (
  [
    ['alloy', 'neutral'],
    ['ash', 'male'],
    ['ballad', 'male'],
    ['coral', 'female'],
    ['echo', 'male'],
    ['fable', 'neutral'],
    ['nova', 'female'],
    ['onyx', 'male'],
    ['sage', 'female'],
    ['shimmer', 'female'],
    ['verse', 'male'],
  ] as const
).map(([id, gender]) => ({
  id,
  name: `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`,
  language: '*',
  gender,
}));

/**
 * A server that speaks OpenAI's protocol: POST /audio/speech, answered by samples as they are made.
 * https://platform.openai.com/docs/api-reference/audio/createSpeech
 */
export function createOpenAiTextToSpeech({
  model,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  ...server
}: OpenAiSpeechOptions): TextToSpeech {
  return {
    kind: 'openai',
    sampleRateHz: SAMPLE_RATE_HZ,
    maxCharacters: MODELS_OF_TOKENS.test(model) ? MAX_CHARACTERS_OF_TOKENS : MAX_CHARACTERS,
    takesSsml: false,
    isLocal: false,
    describe: async () => ({ kind: 'openai', model }),
    probe: (signal) => probeOpenAi(server, signal),
    voices: async () => VOICES,
    defaultVoice: async () => DEFAULT_VOICE,
    async *speak(text, { voiceId = DEFAULT_VOICE, speed, isSsml, signal }) {
      throwIfAborted(signal);
      if (isSsml) throw new ValidationError('text', 'The engine that speaks here takes no SSML.');
      if (!VOICES.some(({ id }) => id === voiceId)) throw noSuchVoice();
      const answer = await openAiRequest(server, {
        path: '/audio/speech',
        body: jsonBody({ model, input: text, voice: voiceId, response_format: 'pcm', speed }),
        timeoutMs,
        signal,
        explain,
      });
      if (NOT_PCM.test(answer.contentType)) {
        // Whoever leaves it unread leaves the connection open.
        for await (const _chunk of answer.chunks) break;
        server.log.warn(
          { engine: 'openai', contentType: answer.contentType },
          'a speech engine sends no PCM',
        );
        throw new AppError(
          'engine_refused',
          'The speech engine does not send the format that it was asked for.',
        );
      }
      yield* answer.chunks;
    },
  };
}

/** A model may have fewer voices than there are. */
const explain = ({ status, param }: OpenAiRefusal): AppError | null =>
  (status === 400 || status === 422) && param === 'voice' ? noSuchVoice() : null;

const noSuchVoice = (): AppError => new ValidationError('voice', 'There is no such voice.');
