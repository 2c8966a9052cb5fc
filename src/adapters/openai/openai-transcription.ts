import { z } from 'zod';
import { AppError } from '../../domain/app-error.ts';
import type { RecognizedSpeech } from '../../domain/speech-to-text.ts';
import { spreadText, tidySegments } from '../../domain/spoken-words.ts';

const seconds = z.number();
const Transcription = z.object({
  text: z.string(),
  language: z.string().nullish(),
  segments: z
    .array(
      z.object({
        start: seconds,
        end: seconds,
        text: z.string(),
        no_speech_prob: z.number().nullish(),
        avg_logprob: z.number().nullish(),
      }),
    )
    .nullish(),
});

/** By which Whisper itself tells that what it has come up with was never said: both must hold. */
const NO_SPEECH = { minProbability: 0.6, maxLogProbability: -1 };

/**
 * What a server answers with `verbose_json`, or `json`, which has no times.
 * @throws engine_unavailable for anything else
 */
export function readTranscription(json: Buffer, durationMs: number): RecognizedSpeech {
  const { text, language, segments } = parse(json);
  const heard =
    segments === undefined || segments === null
      ? spreadText(text, { startMs: 0, endMs: durationMs })
      : segments
          .filter(
            ({ no_speech_prob: probability, avg_logprob: logProbability }) =>
              (probability ?? 0) <= NO_SPEECH.minProbability ||
              (logProbability ?? 0) >= NO_SPEECH.maxLogProbability,
          )
          .map(({ start, end, text: said }) => ({ startMs: start * 1000, endMs: end * 1000, text: said }));
  const tag = languageTag(language ?? '');
  return { segments: tidySegments(heard, durationMs), ...(tag !== undefined && { language: tag }) };
}

function parse(json: Buffer): z.output<typeof Transcription> {
  try {
    return Transcription.parse(JSON.parse(json.toString('utf8')));
  } catch (cause) {
    throw new AppError('engine_unavailable', 'The speech engine answers with something else.', { cause });
  }
}

/** OpenAI's whisper-1 answers with English names of languages, other servers with tags. */
function languageTag(language: string): string | undefined {
  if (/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(language)) return language;
  return TAGS.get(plain(language));
}

/** ISO 639-1, of the languages that OpenAI lists for its API. */
const LANGUAGES =
  'af ar hy az be bs bg ca zh hr cs da nl en et fi fr gl de el he hi hu is id it ja kn kk ko lv lt mk ms mr mi ne no fa ' +
  'pl pt ro ru sr sk sl es sw sv tl ta th tr uk ur vi cy';
const names = new Intl.DisplayNames('en', { type: 'language' });
const plain = (name: string): string => name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const TAGS = new Map([
  ...LANGUAGES.split(' ').map((tag) => [plain(names.of(tag) ?? tag), tag] as const),
  ['tagalog', 'tl'],
]);
