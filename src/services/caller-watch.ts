import type { Caller } from '../domain/caller.ts';
import { createBoundedCache } from './bounded-cache.ts';
import { stillCaller } from './connections.ts';
import type { Ports } from './ports.ts';

export interface CallerWatch {
  /** The caller as of a moment ago; null when nothing may be told to it any more. @throws storage_unavailable */
  find(caller: Caller): Promise<Caller | null>;
  /** The same, as of now. */
  findNow(caller: Caller): Promise<Caller | null>;
}

interface Look {
  readonly atMs: number;
  readonly found: Promise<Caller | null>;
}

const MAX_LOOKS = 10_000;

/**
 * Whether those who stay connected are still who they were: their session or key may be revoked, their user deleted. One
 * look serves all connections of a session or key.
 */
export function createCallerWatch(
  ports: Parameters<typeof stillCaller>[0] & Pick<Ports, 'clock'>,
  { callerMs }: { readonly callerMs: number },
): CallerWatch {
  const looks = createBoundedCache<Look>(MAX_LOOKS);

  async function look(caller: Caller, maxAgeMs: number): Promise<Caller | null> {
    const key = caller.credential?.hash ?? caller.userId;
    const known = looks.get(key);
    const nowMs = ports.clock();
    const isFresh = known !== undefined && nowMs >= known.atMs && nowMs - known.atMs < maxAgeMs;
    const found = isFresh ? known.found : stillCaller(ports, caller);
    if (!isFresh) looks.set(key, { atMs: nowMs, found }, 1);
    try {
      const now = await found;
      return now !== null && mayStay(now, caller) ? now : null;
    } catch (error) {
      // The next one looks anew.
      looks.set(key, { atMs: -Infinity, found }, 1);
      throw error;
    }
  }

  return {
    find: (caller) => look(caller, callerMs),
    findNow: (caller) => look(caller, 0),
  };
}

/** What a connection was let in to see was decided by these: whoever has less, or moved, connects anew. */
const mayStay = (now: Caller, before: Caller): boolean =>
  now.userId === before.userId && now.tenantId === before.tenantId && now.isAdmin === before.isAdmin;
