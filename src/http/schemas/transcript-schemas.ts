import { z } from 'zod';
import {
  MAX_TRANSCRIPT_CHARACTERS,
  MAX_TRANSCRIPT_SEGMENTS,
  type TranscriptEdit,
} from '../../domain/transcript-edit.ts';
import { toPlainText } from '../../domain/transcript-format.ts';
import type { FileTranscript } from '../../services/file-transcript.ts';
import { timeSchema, toWireTime } from './paging.ts';
import { toSeconds } from './stream-schemas.ts';

const SEGMENTS = [
  { start_s: 0.42, end_s: 3.1, text: 'Once upon a time there was a hare.' },
  { start_s: 3.6, end_s: 5.25, text: 'It was proud of its legs.' },
];

const segmentSchema = z.strictObject({
  start_s: z.number().min(0),
  end_s: z.number().min(0),
  text: z.string(),
});

export const transcriptAnswer = z
  .object({
    filename: z.string(),
    transcript: z.string().nullable().meta({
      description: 'All of it, with an empty line between paragraphs; null where there is none.',
    }),
    status: z.enum(['pending', 'processing', 'completed', 'failed', 'cancelled', 'disabled']).meta({
      description: 'Of the transcribing that was asked for last; a transcript of before stays meanwhile.',
    }),
    error: z.string().nullable().meta({ description: 'Why the status is `failed`.' }),
    transcribed_at: timeSchema.nullable(),
    language: z.string().nullable().meta({ description: 'BCP 47, where it is known.' }),
    segments: z.array(segmentSchema).meta({
      description: 'In the order of time, in seconds of the recording; none where only the text is known.',
    }),
  })
  .meta({
    id: 'Transcript',
    examples: [
      {
        filename: 'story.mp3',
        transcript: SEGMENTS.map(({ text }) => text).join(' '),
        status: 'completed',
        error: null,
        transcribed_at: '2026-11-21T08:31:12.052Z',
        language: 'en',
        segments: SEGMENTS,
      },
    ],
  });

export function toWireTranscript({ file, transcript }: FileTranscript): z.output<typeof transcriptAnswer> {
  return {
    filename: file.filename,
    transcript: transcript === null ? null : toPlainText(transcript),
    status: file.transcriptStatus,
    error: file.transcriptError ?? null,
    transcribed_at: file.transcribedAtMs === undefined ? null : toWireTime(file.transcribedAtMs),
    language: transcript?.language ?? file.transcriptLanguage ?? null,
    segments: (transcript?.segments ?? []).map(({ startMs, endMs, text }) => ({
      start_s: toSeconds(startMs),
      end_s: toSeconds(endMs),
      text,
    })),
  };
}

export const transcriptBody = z
  .strictObject({
    segments: z.array(segmentSchema).max(MAX_TRANSCRIPT_SEGMENTS).optional().meta({
      description: 'In the order of their starts, within the recording.',
    }),
    transcript: z
      .string()
      .optional()
      .meta({
        description: `Instead of segments: the whole text, at most ${MAX_TRANSCRIPT_CHARACTERS} characters.`,
      }),
    language: z.string().optional().meta({ description: 'BCP 47; without it, that of before.' }),
  })
  .meta({ examples: [{ segments: SEGMENTS, language: 'en' }] });

export const toTranscriptEdit = (body: z.output<typeof transcriptBody>): TranscriptEdit => ({
  segments: body.segments?.map(({ start_s, end_s, text }) => ({
    startMs: start_s * 1000,
    endMs: end_s * 1000,
    text,
  })),
  text: body.transcript,
  language: body.language,
});
