import { keptOfUser } from '../api/kept-of-user.ts';
import type { PlayerSource } from './player-state.ts';

/** What this device played last, and how long that is. */
export interface LastPlayed {
  readonly source: PlayerSource;
  readonly durationS: number;
}

/** Of one user: at a device that several share, each sees their own. */
type Kept = LastPlayed & { readonly userId: string };

export function rememberLast(last: LastPlayed | null, userId: string | undefined): void {
  if (last === null) localStorage.removeItem(keptOfUser.last);
  else if (userId !== undefined)
    localStorage.setItem(keptOfUser.last, JSON.stringify({ ...last, userId } satisfies Kept));
}

export function recallLast(userId: string | undefined): LastPlayed | null {
  const text = localStorage.getItem(keptOfUser.last);
  if (text === null || userId === undefined) return null;
  try {
    const last = JSON.parse(text) as Kept | null;
    const isOurs = typeof last?.source.name === 'string' && typeof last.source.title === 'string';
    if (!isOurs || last.userId !== userId) return null;
    // What has no end is written as null.
    return { source: last.source, durationS: last.durationS ?? Infinity };
  } catch {
    // Written by another version of the page.
    return null;
  }
}
