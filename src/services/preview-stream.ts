import { countTracks, listTracks } from '../audio/plan-tracks.ts';
import type { Caller } from '../domain/caller.ts';
import type { Chapter } from '../domain/chapter.ts';
import { isEndless, isShuffled } from '../domain/play-mode.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import { authorize } from './authorize.ts';
import { findStreamChapters } from './stream-chapters.ts';
import { planOrder, prepareListening, seedOn, today } from './stream-order.ts';
import type { OrderPorts, OrderRequest } from './stream-order.ts';

/** A night of short files has tens of thousands: of more than these the rest is counted. A queue has fewer. */
const MAX_PLAN_TRACKS = 10_000;

/** One track of what will be heard. Bytes count from the start of the MP3, or of the endless stream. */
export interface PreviewTrack {
  readonly filename: string;
  readonly title: string;
  readonly hasCover: boolean;
  readonly startMs: number;
  readonly durationMs: number;
  readonly startByte: number;
  readonly lengthBytes: number;
  /** At the times at which they begin in the stream; of very many, those of the first tracks. */
  readonly chapters: readonly Chapter[];
}

export interface StreamPreview {
  readonly playMode: PlayMode;
  readonly seed?: number | undefined;
  /** The first 10,000. Of an endless mode without a sleep timer: one turn through the queue. */
  readonly tracks: readonly PreviewTrack[];
  /** Of all tracks. */
  readonly trackCount: number;
  readonly durationMs: number;
  readonly totalBytes: number;
  /** Of the finite MP3, unquoted. */
  readonly etag?: string | undefined;
}

/**
 * What the caller will hear, without waiting for anything.
 * @throws not_found; invalid_input; conflict for an empty stream; not_ready; missing_part
 */
export async function previewStream(
  ports: OrderPorts,
  caller: Caller | null,
  request: Omit<OrderRequest, 'waitMs'>,
): Promise<StreamPreview> {
  const { tenantId } = authorize(caller, 'read');
  const listening = await prepareListening(ports, tenantId, caller, { ...request, waitMs: 0 });
  const { playMode } = listening;
  const { plan, entries, seed } = await planOrder(ports, listening, seedOn(ports, listening, today(ports)));
  const endless = isEndless(playMode) && request.sleep === undefined;
  // An endless stream has no Info frame.
  const leadBytes = endless ? plan.leadBytes : 0;
  const heard = [...listTracks(plan).take(MAX_PLAN_TRACKS)];
  const tracks = heard.flatMap(({ partIndex, ...track }) => {
    const file = entries[partIndex];
    return file === undefined ? [] : [{ ...track, file, startByte: track.startByte - leadBytes }];
  });
  const chapters = await findStreamChapters(ports, tenantId, tracks);
  return {
    playMode,
    ...(isShuffled(playMode) && { seed }),
    tracks: tracks.map(({ file: { filename, title, coverKey }, ...track }, index) => ({
      ...track,
      filename,
      title,
      hasCover: coverKey !== undefined,
      chapters: chapters[index] ?? [],
    })),
    trackCount: countTracks(plan),
    durationMs: plan.durationMs,
    totalBytes: plan.totalBytes - leadBytes,
    ...(!endless && { etag: plan.etag }),
  };
}
