import { api, dataOf } from '../api/client.ts';
import { keptOfUser } from '../api/kept-of-user.ts';
import type { Plan, PlayMode } from '../api/types.ts';
import { isEndless } from '../api/play-mode.ts';

/** How much of what has no end is looked up at a time, and how long before its end the next. */
const AHEAD_S = 3 * 3600;
const SOON_S = 600;
/** As far as the server tells. */
const MOST_S = 86_400;

/** @param heardS how far an endless stream has been heard: what is told begins at its beginning all the same */
export function findPlan(name: string, playMode: PlayMode, heardS = 0, seed?: number): Promise<Plan> {
  const query = {
    play_mode: playMode,
    ...(seed !== undefined && { seed: String(seed) }),
    ...(isEndless(playMode) && { sleep_s: String(Math.min(MOST_S, Math.ceil(heardS) + AHEAD_S)) }),
  };
  return dataOf(api.GET('/api/streams/{name}/plan', { params: { path: { name }, query } }));
}

export const isNearlyHeard = ({ duration }: Plan, positionS: number): boolean =>
  positionS > duration - SOON_S && duration < MOST_S - SOON_S;

/** A time in a shuffled stream means nothing in another order, so the order is kept beside it, on this device. */
export function rememberOrder({ name, play_mode: playMode, seed }: Plan): void {
  if (playMode === 'shuffle') localStorage.setItem(keptOfUser.orderOf(name), String(seed));
}

export const isOrderOfBefore = ({ name, play_mode: playMode, seed }: Plan): boolean =>
  playMode === 'sequential' ||
  (playMode === 'shuffle' && localStorage.getItem(keptOfUser.orderOf(name)) === String(seed));
