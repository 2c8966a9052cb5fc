import { z } from 'zod';
import type { Chapter } from '../../domain/chapter.ts';
import type { AudioFileDetails } from '../../services/audio-files.ts';
import type { FileWaveform } from '../../services/file-waveform.ts';
import { EXAMPLE, fileFields, toWireFile } from './audio-schemas.ts';
import { toSeconds } from './stream-schemas.ts';

/** A file with its chapters, which lists leave out. */
export const fileInfoSchema = fileFields
  .extend({
    chapters: z
      .array(z.object({ title: z.string(), start_s: z.number(), end_s: z.number() }))
      .meta({ description: 'As the upload tells them, in order; a title may be empty.' }),
  })
  .meta({
    id: 'FileInfo',
    examples: [
      {
        ...EXAMPLE,
        chapters: [
          { title: 'In the field', start_s: 0, end_s: 96.5 },
          { title: 'The race', start_s: 96.5, end_s: 301.453 },
        ],
      },
    ],
  });

export function toWireFileInfo(
  { file, chapters }: AudioFileDetails,
  baseUrl: string,
): z.output<typeof fileInfoSchema> {
  return {
    ...toWireFile(file, baseUrl),
    chapters: chapters.map(({ title, startMs }, index) => ({
      title,
      start_s: toSeconds(startMs),
      end_s: toSeconds(chapters[index + 1]?.startMs ?? file.durationMs),
    })),
  };
}

const MAX_POINTS = 2000;
const DEFAULT_POINTS = 800;

export const waveformQuery = z.object({
  points: z.coerce.number().int().min(1).max(MAX_POINTS).default(DEFAULT_POINTS).meta({
    description: 'At most so many peaks; of a short file there are fewer.',
  }),
});

export const waveformAnswer = z
  .object({
    filename: z.string(),
    duration: z.number().meta({ description: 'Seconds.' }),
    count: z.int(),
    peaks: z.array(z.number()).meta({
      description: 'The highest sample of each of `count` equal shares of the duration; 1 is full scale.',
    }),
  })
  .meta({
    examples: [{ filename: 'story.mp3', duration: 301.453, count: 4, peaks: [0.012, 0.631, 0.58, 0] }],
  });

export function toWireWaveform(waveform: FileWaveform): z.output<typeof waveformAnswer> {
  const { filename, durationMs, peaks } = waveform;
  return { filename, duration: toSeconds(durationMs), count: peaks.length, peaks: [...peaks] };
}

/** podcastindex.org: JSON chapters. */
export const chaptersAnswer = z
  .object({
    version: z.literal('1.2.0'),
    chapters: z.array(
      z.object({ startTime: z.number().meta({ description: 'Seconds.' }), title: z.string() }),
    ),
  })
  .meta({ examples: [{ version: '1.2.0', chapters: [{ startTime: 0, title: 'The hare' }] }] });

export const toWireChapters = (chapters: readonly Chapter[]): z.output<typeof chaptersAnswer> => ({
  version: '1.2.0',
  chapters: chapters.map(({ startMs, title }) => ({ startTime: startMs / 1000, title })),
});
