import { isAppError } from '../domain/app-error.ts';
import type { ErrorCode } from '../domain/app-error.ts';
import type { PageKey } from '../domain/page.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { pause } from './pause.ts';
import type { Ports } from './ports.ts';
import { repeatWork } from './repeated-work.ts';
import type { RepeatedWork } from './repeated-work.ts';
import { planOrder, prepareListening } from './stream-order.ts';
import type { OrderPorts } from './stream-order.ts';
import type { StreamId } from './upcoming-streams.ts';

export type ReadAheadPorts = OrderPorts & Pick<Ports, 'log'>;

export interface ReadAheadOptions {
  /** The first requests after a start come first. */
  readonly startAfterMs?: number;
  readonly intervalMs?: number;
  /** Between two streams, for the others in this process. */
  readonly pauseMs?: number;
  /** Of the streams that are there at the start. Half of what `RecentQueues` holds. */
  readonly maxEntries?: number;
}

const AFTER_FAILURE_MS = 60_000;
const PAGE = 100;

/**
 * Finds out, before anybody asks, what the first listener of a stream would have to wait for: its records, that its
 * parts are there, and its plan. Of the streams that are there at the start, and of each that is written from then on.
 * All of it goes where listeners look for it, under the same bounds, and is held against the definition and the library
 * at each request; so nothing depends on whether, or when, a stream was read ahead.
 *
 * Not for homes where each look is a request that somebody bills.
 */
export function startReadAhead(
  ports: ReadAheadPorts,
  { startAfterMs = 1000, intervalMs = 500, pauseMs = 20, maxEntries = 20_000 }: ReadAheadOptions = {},
): RepeatedWork {
  let knowsAll = false;
  const intervals = { intervalMs, afterFailureMs: AFTER_FAILURE_MS };
  return repeatWork(ports, { name: 'reading ahead', ...intervals }, async (signal) => {
    if (!knowsAll) {
      if (!(await pause(startAfterMs, signal))) return;
      for await (const stream of listSome(ports, maxEntries)) {
        await prepare(ports, stream);
        if (!(await pause(pauseMs, signal))) return;
      }
      knowsAll = true;
    }
    for (const stream of ports.recentQueues.upcoming.take()) {
      await prepare(ports, stream);
      if (!(await pause(pauseMs, signal))) return;
    }
  });
}

/** By name, as long as their queues have no more entries than that. */
async function* listSome(
  ports: Pick<Ports, 'streams'>,
  maxEntries: number,
): AsyncGenerator<StreamId, void, undefined> {
  let entries = 0;
  let after: PageKey | undefined;
  do {
    const page = await ports.streams.list(DEFAULT_TENANT, { limit: PAGE, ...(after && { after }) });
    for (const stream of page.items) {
      entries += stream.files.length;
      if (entries > maxEntries) return;
      yield stream;
    }
    after = page.next;
  } while (after !== undefined);
}

/** Whoever listens is told; here they mean that there is nothing to prepare yet. */
const NOT_PLAYABLE: ReadonlySet<ErrorCode> = new Set(['not_found', 'conflict', 'missing_part', 'not_ready']);

const NOBODY = { address: '', userAgent: '' };

async function prepare(ports: ReadAheadPorts, { tenantId, name }: StreamId): Promise<void> {
  try {
    const request = { name, skipMissing: false, waitMs: 0, listener: NOBODY };
    const listening = await prepareListening(ports, tenantId, null, request);
    // The orders of a shuffle are the listeners' own, and what has no end has no plan.
    if (listening.playMode === 'sequential') await planOrder(ports, listening, 0);
  } catch (error) {
    if (!isAppError(error) || !NOT_PLAYABLE.has(error.code)) throw error;
  }
}
