import type { Clock } from '../../domain/clock.ts';
import type { WorkStarter } from '../../domain/work-starter.ts';
import { instant } from './request-item.ts';
import type { RequestTable } from './request-table.ts';
import { createServedUsers, readRequestWindow } from './request-window.ts';

export interface WorkDoorbellOptions {
  readonly clock: Clock;
  /** What became due since then is on its way to a worker by itself, or a worker looks for it. */
  readonly graceMs?: number;
}

const GRACE_MS = 10_000;
/** At once; whoever rings again a minute later sees what is left. */
const MAX_BELLS = 10;

/**
 * Starts workers by the stream of the table, as a new request does: an item that looks like one that waits, of which the
 * stream tells, and that nothing else sees. Without `CreatedAt` it is in no index, and it has expired when it is written.
 */
export function openWorkDoorbell(
  table: RequestTable,
  { clock, graceMs = GRACE_MS }: WorkDoorbellOptions,
): WorkStarter {
  return {
    async startDue(actions) {
      if (actions.length === 0) return 0;
      const nowMs = clock();
      const order = { actions, nowMs: nowMs - graceMs, passedOver: new Set<string>() };
      const window = await readRequestWindow(table, createServedUsers(), order);
      let bells = 0;
      while (bells < MAX_BELLS && window.take() !== null) {
        // Ids that are far apart: records of one id wait for each other.
        const RequestID = `doorbell#${bells}`;
        const TTL = Math.floor(nowMs / 1000);
        await table.put({ RequestID, Status: 'PENDING', RungAt: instant(nowMs), TTL });
        bells += 1;
      }
      return bells;
    },
  };
}
