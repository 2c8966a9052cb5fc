import { z } from 'zod';
import { PLAY_MODES } from '../../domain/play-mode.ts';
import type { LinkedAudio, LinkedTrack } from '../../services/linked-audio.ts';
import { pagingAnswer, pagingQuery } from './paging.ts';
import { seedSchema } from './stream-playback-schemas.ts';
import { toSeconds } from './stream-schemas.ts';

const token = z.string().meta({
  description: 'Of a playback link: it decides what is shown.',
  examples: ['q4mYb0b1R0a8s2h9u1cY3w.…'],
});

/** A track is half a kilobyte with its addresses. */
const MAX_TRACKS = 500;

export const listenQuery = z.object({
  token,
  seed: seedSchema,
  ...pagingQuery,
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_TRACKS)
    .default(100)
    .meta({ description: `Tracks a page, 1 to ${MAX_TRACKS}.`, examples: [100] }),
});

export const coverQuery = z.object({ token });

export const coverParams = z.object({
  index: z
    .string()
    .regex(/^\d{1,9}$/, 'A whole number.')
    .meta({ description: 'The track, from 0.', examples: ['0'] })
    .transform(Number),
});

export const listenAnswer = z
  .object({
    kind: z.enum(['stream', 'file']),
    name: z.string(),
    title: z.string().meta({ description: 'Its title, else its name.' }),
    play_mode: z.enum(PLAY_MODES),
    seed: z.int().optional().meta({
      description:
        'Of shuffled modes: of the order in which `url` plays, which is that of the link and the day. Further pages are asked for with it.',
    }),
    total_s: z.number().optional().meta({
      description: 'Seconds of all tracks that are ready; absent where the mode has no end.',
    }),
    stream_url: z.string().meta({ description: 'Plays it in its own mode.' }),
    track_count: z.int().meta({ description: 'On all pages.' }),
    tracks: z
      .array(
        z.object({
          index: z.int().meta({ description: 'Place in the queue.' }),
          title: z.string(),
          state: z.enum(['ready', 'processing', 'failed', 'missing']),
          duration: z.number().meta({ description: 'Seconds; 0 unless it is ready.' }),
          start_s: z.number().meta({
            description: 'When it begins: in the order of `seed`, else in that of the queue.',
          }),
          cover_url: z.string().optional().meta({ description: 'Absent where there is no cover.' }),
          url: z.string().optional().meta({
            description:
              'Plays from this track on, to the end of the queue or of its shuffle. Absent unless it is ready.',
          }),
        }),
      )
      .meta({ description: 'In the order of the queue, whatever the mode; of a file, the file.' }),
    ...pagingAnswer,
  })
  .meta({
    id: 'LinkedAudio',
    examples: [
      {
        kind: 'stream',
        name: 'my-story',
        title: 'Good night',
        play_mode: 'sequential',
        total_s: 612.388,
        stream_url: 'http://127.0.0.1:8080/api/streams/my-story/stream.mp3?token=…&skip_missing=1',
        track_count: 2,
        tracks: [
          {
            index: 0,
            title: 'The hare and the hedgehog',
            state: 'ready',
            duration: 612.388,
            start_s: 0,
            cover_url: 'http://127.0.0.1:8080/api/listen/cover/0?token=…',
            url: 'http://127.0.0.1:8080/api/streams/my-story/stream.mp3?token=…&skip_missing=1&play_mode=sequential',
          },
          { index: 1, title: 'The race', state: 'processing', duration: 0, start_s: 612.388 },
        ],
        count: 2,
      },
    ],
  });

/** @param baseUrl without a slash at its end */
export function toWireLinked(linked: LinkedAudio, baseUrl: string, linkToken: string) {
  const { kind, name, title, playMode, seed, durationMs, trackCount, tracks } = linked;
  const below = `${kind === 'file' ? 'audio' : 'streams'}/${encodeURIComponent(name)}`;
  const carried = `token=${encodeURIComponent(linkToken)}`;
  // Nobody is there who could see to a file that is missing: the others play on.
  const streamUrl =
    kind === 'file'
      ? `${baseUrl}/api/${below}?${carried}`
      : `${baseUrl}/api/${below}/stream.mp3?${carried}&skip_missing=1`;
  const order = seed === null ? 'play_mode=sequential' : `play_mode=shuffle&seed=${seed}`;
  return {
    kind,
    name,
    title,
    play_mode: playMode,
    ...(seed !== null && { seed }),
    ...(durationMs !== null && { total_s: toSeconds(durationMs) }),
    stream_url: streamUrl,
    track_count: trackCount,
    tracks: tracks.items.map((track) => ({
      index: track.index,
      title: track.title,
      state: track.state,
      duration: toSeconds(track.durationMs),
      start_s: toSeconds(track.startMs),
      ...(track.hasCover && { cover_url: `${baseUrl}/api/listen/cover/${track.index}?${carried}` }),
      ...(track.state === 'ready' && {
        url: kind === 'file' ? streamUrl : `${streamUrl}&${order}${fromOf(track)}`,
      }),
    })),
  };
}

/** A microsecond into its first frame: `from` rounds down, and what is rounded here must not be the frame before. */
const fromOf = ({ startMs }: LinkedTrack): string =>
  startMs === 0 ? '' : `&from=${(startMs / 1000 + 1e-6).toFixed(6)}`;
