import { ValidationError } from './app-error.ts';
import { tidyLine } from './tidy-line.ts';
import type { Transcript, TranscriptSegment } from './transcript.ts';

/** As a person gives it: either segments or the whole text. */
export interface TranscriptEdit {
  readonly segments?: readonly TranscriptSegment[] | undefined;
  readonly text?: string | undefined;
  readonly language?: string | undefined;
}

export const MAX_TRANSCRIPT_SEGMENTS = 100_000;
/** Of the whole text. */
export const MAX_TRANSCRIPT_CHARACTERS = 4_000_000;
/** What a player's clock is off by, and rounding. */
const PAST_END_MS = 1000;
/** BCP 47, as far as its form goes (RFC 5646, 2.1). */
const LANGUAGE = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,8}$/;

/** @throws {ValidationError} naming the field, with the names of the interface */
export function parseTranscriptEdit(edit: TranscriptEdit, durationMs: number): Transcript {
  const { segments, text, language } = edit;
  if (language !== undefined && !LANGUAGE.test(language)) {
    throw new ValidationError('language', 'This must be a language as BCP 47 names it: "en", "en-GB".');
  }
  if (segments !== undefined && text === undefined) {
    return { segments: parseSegments(segments, durationMs), language, source: 'edited' };
  }
  if (text === undefined || segments !== undefined) {
    throw new ValidationError('transcript', 'Give either "segments" or the whole "transcript".');
  }
  return { segments: [], text: parseText(text), language, source: 'edited' };
}

/** Those that say nothing are left out. */
function parseSegments(segments: readonly TranscriptSegment[], durationMs: number): TranscriptSegment[] {
  if (segments.length > MAX_TRANSCRIPT_SEGMENTS) {
    throw new ValidationError('segments', `At most ${MAX_TRANSCRIPT_SEGMENTS} segments.`);
  }
  let previousMs = 0;
  const kept: TranscriptSegment[] = [];
  for (const [place, segment] of segments.entries()) {
    const startMs = Math.round(segment.startMs);
    const endMs = Math.round(segment.endMs);
    if (!(startMs >= previousMs)) {
      throw new ValidationError(
        `segments[${place}].start_s`,
        'Segments are in the order of their starts, from 0.',
      );
    }
    if (!(endMs >= startMs)) {
      throw new ValidationError(`segments[${place}].end_s`, 'A segment does not end before it begins.');
    }
    if (!(endMs <= durationMs + PAST_END_MS)) {
      throw new ValidationError(`segments[${place}].end_s`, 'This is after the end of the audio.');
    }
    previousMs = startMs;
    const text = tidyLine(segment.text, MAX_TRANSCRIPT_CHARACTERS);
    if (text !== '') kept.push({ startMs, endMs, text });
  }
  if (kept.length === 0) throw new ValidationError('segments', 'Nothing is said. To have none, delete it.');
  return kept;
}

function parseText(text: string): string {
  if (text.length > MAX_TRANSCRIPT_CHARACTERS) {
    throw new ValidationError('transcript', `At most ${MAX_TRANSCRIPT_CHARACTERS} characters.`);
  }
  const tidy = text
    .toWellFormed()
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, ' ')
    .trim();
  if (tidy === '') throw new ValidationError('transcript', 'Nothing is said. To have none, delete it.');
  return tidy;
}
