import type { AudioFile } from './audio-file.ts';
import { parseOldDate } from './old-library.ts';
import type { PortableAudioFile } from './portable-record.ts';
import type { JsonValue } from './request.ts';
import { transcriptWords } from './transcript-words.ts';

/** What an older program, and the first `migrate`, kept of a transcript with a record in DynamoDB. */
export type OldTranscriptFields = Pick<
  AudioFile,
  'transcriptKey' | 'transcriptText' | 'transcriptExcerpt' | 'transcriptError' | 'transcribedAtMs'
>;

export interface OldTranscript {
  readonly fields: OldTranscriptFields;
  /** By which it is found; of one that is in the object store, those of its beginning. */
  readonly words: readonly string[];
  /** The other attributes. */
  readonly rest: Readonly<Record<string, JsonValue>>;
}

/** Takes the transcript out of the attributes that were carried along with a record. */
export function parseOldTranscript(carried: Readonly<Record<string, JsonValue>>): OldTranscript {
  const { transcript, transcript_key, transcript_excerpt, transcript_error, transcribed_at, ...rest } =
    carried;
  const text = filled(transcript);
  const fields = {
    transcriptKey: filled(transcript_key),
    transcriptText: text,
    transcriptExcerpt: filled(transcript_excerpt),
    transcriptError: filled(transcript_error),
    transcribedAtMs: parseOldDate(filled(transcribed_at)),
  };
  return { fields, words: recordedWords(fields), rest };
}

/** By which a record is found that an older program wrote, as far as it holds its transcript itself. */
export const recordedWords = ({
  transcriptText,
  transcriptExcerpt,
}: Pick<AudioFile, 'transcriptText' | 'transcriptExcerpt'>): string[] =>
  transcriptWords([transcriptText ?? transcriptExcerpt ?? '']);

/** NULL, and what is of another type, say nothing. */
const filled = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** A record of before there were transcripts, as it is today. */
export function withOldTranscript(file: PortableAudioFile): PortableAudioFile {
  if (file.carried === undefined) return file;
  const { fields, words, rest } = parseOldTranscript(file.carried);
  if (Object.keys(rest).length === Object.keys(file.carried).length) return file;
  const { carried: _, ...own } = file;
  return {
    ...own,
    ...fields,
    transcriptWords: words,
    ...(Object.keys(rest).length > 0 && { carried: rest }),
  };
}
