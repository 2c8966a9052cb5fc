import type { Plan } from '../api/types.ts';
import { partAt, partsOfPlan, shownAt } from './parts.ts';
import { isLive, type PlayerState } from './player-state.ts';
import { isEndless } from '../api/play-mode.ts';

/** Where in another plan it goes on. */
export interface Place {
  readonly atS: number;
  /** Whether what played is still there; else this is the beginning of what took its place. */
  readonly isThere: boolean;
  /** Nothing comes any more: what played was the last. */
  readonly isOver: boolean;
}

/** Whether the same is heard at the same times. Of what has no end, each plan may be told to another hour. */
export function isSameSound(one: Plan, other: Plan): boolean {
  if (!isEndless(one.play_mode)) return one.etag === other.etag;
  return one.tracks.every(({ filename, length }, index) => {
    const track = other.tracks[index];
    return track === undefined || (track.filename === filename && track.length === length);
  });
}

/** The same second of the same file; of a file that comes more than once, the one nearest to where it was. */
export function placeIn(after: Plan, before: Plan, positionS: number): Place {
  const starts = before.tracks.map(({ start_s: startS }) => ({ startS }));
  const index = Math.max(0, partAt(starts, positionS));
  const track = before.tracks[index];
  const now = after.tracks[nearest(after, track?.filename, index)];
  if (track !== undefined && now !== undefined) {
    const withinS = Math.min(Math.max(0, positionS - track.start_s), now.duration);
    return { atS: now.start_s + withinS, isThere: true, isOver: false };
  }
  const next = after.tracks[indexInPlaceOf(index, before, after)];
  return { atS: next?.start_s ?? 0, isThere: false, isOver: next === undefined };
}

/** The player as it goes on in another plan. */
export function movedTo(plan: Plan, before: PlayerState) {
  const place = placeIn(plan, before.plan ?? plan, before.positionS);
  const state = {
    plan,
    durationS: isLive(before) ? Infinity : plan.duration,
    positionS: place.atS,
    wentOnAtS: null,
    ...shownAt(partsOfPlan(plan), place.atS),
  };
  return { place, state };
}

/** After what was heard before it, unless the edit has put all into another order. */
function indexInPlaceOf(gone: number, before: Plan, after: Plan): number {
  if (after.seed !== undefined) return gone;
  for (let index = gone - 1; index >= 0; index -= 1) {
    const found = nearest(after, before.tracks[index]?.filename, index);
    if (found !== -1) return found + 1;
  }
  return 0;
}

/** @returns -1 where there is none */
function nearest({ tracks }: Plan, filename: string | undefined, index: number): number {
  let found = -1;
  for (const [at, track] of tracks.entries()) {
    if (track.filename !== filename) continue;
    if (found === -1 || Math.abs(at - index) < Math.abs(found - index)) found = at;
  }
  return found;
}
