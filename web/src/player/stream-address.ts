import type { PlayMode } from '../api/types.ts';

/** How a stream is to be played. */
export interface StreamOrder {
  readonly name: string;
  readonly playMode: PlayMode;
  /** Of shuffled modes: as the plan tells it, so that what is heard is what is shown. */
  readonly seed?: number | undefined;
  /** Of the plan: browsers take bytes that they have of the same address for bytes of the same sound. */
  readonly version?: string | undefined;
}

/** Ends what plays; a stream's server makes the end, with a fade, so that it holds while the page sleeps as well. */
export interface Sleep {
  readonly seconds: number;
  readonly mode: 'track' | 'exact';
}

/** Into the frame that is meant: the server rounds down to one, and what was rounded before lies in that before. */
const WITHIN_FRAME_S = 0.002;

/** A second for `from`. */
export const withinFrame = (fromS: number): string => (fromS + WITHIN_FRAME_S).toFixed(3);

/** @param fromS where it begins; time counts from there then */
export function streamAddress(order: StreamOrder, fromS: number, sleep: Sleep | null): string {
  const query = new URLSearchParams({ play_mode: order.playMode });
  if (order.seed !== undefined) query.set('seed', String(order.seed));
  // The server has no use for it.
  if (order.version !== undefined) query.set('version', order.version.replaceAll('"', ''));
  if (fromS > 0) query.set('from', withinFrame(fromS));
  if (sleep !== null) {
    query.set('sleep_s', Math.max(1, sleep.seconds).toFixed(3));
    query.set('sleep_mode', sleep.mode);
  }
  return `/api/streams/${encodeURIComponent(order.name)}/stream.mp3?${query.toString()}`;
}
