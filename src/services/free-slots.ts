import type { QueuedAction } from './actions/action.ts';

export interface FreeSlots {
  /** The actions of which more may run. */
  readonly names: readonly string[];
  /** How many of these may be begun, whichever they are. */
  readonly limit: number;
}

/**
 * What a worker may claim next. With one limit for all of its actions a batch may turn out to be all of one: so it is no
 * larger than what the action with the fewest free slots still takes.
 */
export function freeSlots(
  actions: ReadonlyMap<string, Pick<QueuedAction<never>, 'concurrency'>>,
  running: ReadonlyMap<string, number>,
  concurrency: number,
): FreeSlots {
  let limit = concurrency;
  for (const count of running.values()) limit -= count;
  const names: string[] = [];
  let fewest = Infinity;
  for (const [name, action] of actions) {
    const free = (action.concurrency ?? Infinity) - (running.get(name) ?? 0);
    if (free <= 0) continue;
    names.push(name);
    fewest = Math.min(fewest, free);
  }
  return names.length === 0 ? { names, limit: 0 } : { names, limit: Math.max(0, Math.min(limit, fewest)) };
}
