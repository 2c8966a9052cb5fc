import type { PlayerSource } from './player-state.ts';

const KEY = 'earshot.last';

/** What this device played last, and how long that is. */
export interface LastPlayed {
  readonly source: PlayerSource;
  readonly durationS: number;
}

export function rememberLast(last: LastPlayed | null): void {
  if (last === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, JSON.stringify(last));
}

export function recallLast(): LastPlayed | null {
  const kept = localStorage.getItem(KEY);
  if (kept === null) return null;
  try {
    const last = JSON.parse(kept) as LastPlayed | null;
    const isOurs = typeof last?.source.name === 'string' && typeof last.source.title === 'string';
    // What has no end is written as null.
    return isOurs ? { source: last.source, durationS: last.durationS ?? Infinity } : null;
  } catch {
    // Written by another version of the page.
    return null;
  }
}
