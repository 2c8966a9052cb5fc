import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 15;
const LONGEST_PAUSE_MS = 400;

/** Pauses that grow by half, and together last `totalMs`. */
export function* pauses(totalMs: number): Generator<number> {
  let next = FIRST_PAUSE_MS;
  for (let leftMs = totalMs; leftMs > 0; leftMs -= next, next = Math.min(next * 1.5, LONGEST_PAUSE_MS)) {
    yield Math.min(next, leftMs);
  }
}

/** @returns false when `signal` ended it */
export async function pause(ms: number, signal?: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal });
    return true;
  } catch (error) {
    if (signal?.aborted === true) return false;
    throw error;
  }
}
