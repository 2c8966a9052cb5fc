import { LanguageCode } from '@aws-sdk/client-transcribe';
import { z } from 'zod';
import { AppError } from '../../domain/app-error.ts';
import type { RecognizedSpeech } from '../../domain/speech-to-text.ts';
import { segmentsOfWords, tidySegments, type SpokenWord } from '../../domain/spoken-words.ts';

/** Seconds, written as text. */
const seconds = z.coerce.number().nonnegative();
const Item = z.object({
  type: z.enum(['pronunciation', 'punctuation']),
  start_time: seconds.optional(),
  end_time: seconds.optional(),
  alternatives: z.array(z.object({ content: z.string() })).min(1),
});
const Result = z.object({
  results: z.object({ language_code: z.string().optional(), items: z.array(Item) }),
});

/**
 * What a job has written. @see {@link https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html}
 * @throws engine_unavailable for anything else
 */
export function readResult(json: Buffer, durationMs: number): RecognizedSpeech {
  const { items, language_code: language } = parse(json);
  const words: SpokenWord[] = [];
  for (const { type, start_time: start = 0, end_time: end = start, alternatives } of items) {
    const text = alternatives[0]?.content ?? '';
    const last = words.at(-1);
    if (type === 'pronunciation') words.push({ startMs: start * 1000, endMs: end * 1000, text });
    else if (last !== undefined) words[words.length - 1] = { ...last, text: last.text + text };
  }
  return {
    segments: tidySegments(segmentsOfWords(words), durationMs),
    ...(language !== undefined && { language }),
  };
}

function parse(json: Buffer): z.output<typeof Result>['results'] {
  try {
    return Result.parse(JSON.parse(json.toString('utf8'))).results;
  } catch (cause) {
    throw new AppError('engine_unavailable', 'The speech engine answers with something else.', { cause });
  }
}

/**
 * The code of AWS for a language: `de` is `de-DE`, since AWS wants a country, and `de-LI` is too.
 * @throws engine_refused for one that it has not
 */
export function languageCodeOf(language: string): LanguageCode {
  const codes = Object.values(LanguageCode);
  const [code = ''] = language.toLowerCase().split('-');
  const likely = `${code}-${new Intl.Locale(code).maximize().region ?? ''}`.toLowerCase();
  const found =
    codes.find((known) => known.toLowerCase() === language.toLowerCase()) ??
    codes.find((known) => known.toLowerCase() === likely) ??
    codes.find((known) => known.startsWith(`${code}-`));
  if (found !== undefined) return found;
  throw new AppError('engine_refused', 'AWS Transcribe does not understand this language.');
}
