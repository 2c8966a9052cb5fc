import type { Caller } from '../domain/caller.ts';
import { isEndless, isShuffled } from '../domain/play-mode.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import { authorize } from './authorize.ts';
import { planOrder, prepareListening, seedOn, today } from './stream-order.ts';
import type { OrderPorts, OrderRequest } from './stream-order.ts';

/** One track of what will be heard. Bytes count from the start of the MP3, or of the endless stream. */
export interface PreviewTrack {
  readonly filename: string;
  readonly title: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly startByte: number;
  readonly lengthBytes: number;
}

export interface StreamPreview {
  readonly playMode: PlayMode;
  readonly seed?: number | undefined;
  /** Of an endless mode: the first turn through the queue. */
  readonly tracks: readonly PreviewTrack[];
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
  const endless = isEndless(playMode);
  // An endless stream has no Info frame.
  const leadBytes = endless ? (plan.tracks[0]?.startByte ?? 0) : 0;
  return {
    playMode,
    ...(isShuffled(playMode) && { seed }),
    tracks: plan.tracks.flatMap(({ partIndex, startMs, durationMs, startByte, lengthBytes }) => {
      const file = entries[partIndex]?.file;
      if (file === undefined) return [];
      const { filename, title } = file;
      return [{ filename, title, startMs, durationMs, startByte: startByte - leadBytes, lengthBytes }];
    }),
    durationMs: plan.durationMs,
    totalBytes: plan.totalBytes - leadBytes,
    ...(!endless && { etag: plan.etag }),
  };
}
