import type { Sound } from './deck.ts';
import { isEven } from './parts.ts';
import type { PlayerState } from './player-state.ts';
import { isEndless } from '../api/play-mode.ts';
import { streamAddress, type Sleep, type StreamOrder } from './stream-address.ts';

/** @param sleepFrom what the server is asked to end a stream with that begins there */
export function soundOf(
  { source, plan, durationS, sleep }: PlayerState,
  sleepFrom: (fromS: number) => Sleep | null,
): Sound {
  const name = source?.name ?? '';
  if (source?.kind !== 'stream') {
    return { addressFrom: () => `/api/audio/${encodeURIComponent(name)}`, seeks: true, durationS };
  }
  const order: StreamOrder = { name, playMode: source.playMode, seed: plan?.seed, version: plan?.etag };
  const seeks = sleep === null && !isEndless(source.playMode) && plan !== null && isEven(plan);
  return { addressFrom: (fromS) => streamAddress(order, fromS, sleepFrom(fromS)), seeks, durationS };
}
