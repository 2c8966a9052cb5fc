import { createHash } from 'node:crypto';
import { AppError, isAppError } from '../../domain/app-error.ts';
import type { SpeechToText } from '../../domain/speech-to-text.ts';
import { multipartBody } from './multipart-body.ts';
import { openAiRequest, readWhole, type OpenAiConnection } from './openai-client.ts';
import type { OpenAiRefusal } from './openai-failure.ts';
import { probeOpenAi } from './openai-probe.ts';
import { readTranscription } from './openai-transcription.ts';

export interface OpenAiSpeechToTextOptions extends OpenAiConnection {
  readonly model: string;
  /** For a piece of no length; for a test. */
  readonly startLimitMs?: number | undefined;
}

/** 7 MB as an MP3 of 48 kbit/s: OpenAI takes 25 MB, and a server of one's own is done in reasonable time. */
const MAX_PIECE_MS = 20 * 60_000;
const START_LIMIT_MS = 60_000;
/** A server of one's own without a graphics card takes about as long as the piece. */
const LIMIT_BY_DURATION = 3;
/** An hour of speech is 60 KB, in segments with all that belongs to them a tenfold. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** What servers say of a file that they cannot read. */
const UNREADABLE = /\b(corrupt|decode|unsupported|invalid file|file format|could not process)/i;
const OPENAI_HOST = 'api.openai.com';
const MODELS_WITHOUT_TIMES = /^gpt-/;
/** They answer with 2,000 tokens at the most, ten minutes of English, and leave out the rest without a word. */
const MAX_PIECE_WITHOUT_TIMES_MS = 5 * 60_000;

/** A server with `POST /audio/transcriptions`: OpenAI's own, speaches, whisper.cpp's, LocalAI and others. */
export function createOpenAiSpeechToText(options: OpenAiSpeechToTextOptions): SpeechToText {
  const { model, startLimitMs = START_LIMIT_MS } = options;
  let hasTimes = !MODELS_WITHOUT_TIMES.test(model);
  const maxPieceMs = hasTimes ? MAX_PIECE_MS : MAX_PIECE_WITHOUT_TIMES_MS;
  return {
    kind: 'openai',
    id: engineId(options),
    input: { format: 'mp3', maxPieceMs },
    isLocal: false,
    describe: async () => ({ kind: 'openai', model }),
    probe: (signal) => probeOpenAi(options, signal),

    async transcribe(path, { language, durationMs, signal }) {
      const ask = async (withTimes: boolean): Promise<Buffer> => {
        const answer = await openAiRequest(options, {
          path: '/audio/transcriptions',
          body: await multipartBody(fieldsOf(model, language, withTimes), {
            path,
            filename: 'speech.mp3',
            contentType: 'audio/mpeg',
          }),
          timeoutMs: startLimitMs + durationMs * LIMIT_BY_DURATION,
          signal,
          explain: (refusal) => explain(refusal, withTimes),
        });
        return readWhole(answer, MAX_ANSWER_BYTES);
      };
      let answer: Buffer;
      try {
        answer = await ask(hasTimes);
      } catch (error) {
        if (isAppError(error, 'no_speech')) return { segments: [] };
        if (!(error instanceof NoTimes)) throw error;
        hasTimes = false;
        answer = await ask(false);
      }
      return readTranscription(answer, durationMs);
    },
  };
}

function fieldsOf(model: string, language: string | undefined, withTimes: boolean): [string, string][] {
  const [code] = language?.toLowerCase().split('-') ?? [];
  return [
    ['model', model],
    ...(withTimes
      ? ([
          ['response_format', 'verbose_json'],
          ['timestamp_granularities[]', 'segment'],
        ] satisfies [string, string][])
      : ([['response_format', 'json']] satisfies [string, string][])),
    ...(code === undefined ? [] : ([['language', code]] satisfies [string, string][])),
  ];
}

/** The model has no times to give; to be asked again without them. */
class NoTimes extends AppError {
  override readonly name = 'NoTimes';
}

function explain(refusal: OpenAiRefusal, withTimes: boolean): AppError | null {
  const { status, code, param, message } = refusal;
  if (![400, 415, 422].includes(status)) return null;
  if (code === 'audio_too_short') return new AppError('no_speech', 'The piece is too short to be heard.');
  if (withTimes && /response_format|timestamp_granularities|verbose_json/.test(`${param} ${message}`)) {
    return new NoTimes('engine_refused', 'The model gives no times.');
  }
  const isOfFile = ['', 'file'].includes(param) && UNREADABLE.test(message);
  if (status !== 415 && !isOfFile) return null;
  return new AppError('unsupported_media', 'The speech engine cannot read this piece.');
}

/** Two servers, and two models whose names differ in a sign alone, are two engines; the address itself is nobody's business. */
function engineId({ baseUrl, model }: OpenAiSpeechToTextOptions): string {
  const name = model.replaceAll('/', '_');
  if (new URL(baseUrl).host === OPENAI_HOST && name === model) return `openai:${name}`;
  const hash = createHash('sha256')
    .update(JSON.stringify([baseUrl, model]))
    .digest('hex');
  return `openai:${name}:${hash.slice(0, 8)}`;
}
