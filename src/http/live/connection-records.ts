import { AppError } from '../../domain/app-error.ts';
import type { Caller } from '../../domain/caller.ts';
import type { Connection } from '../../domain/connection.ts';
import { closeConnection, keepConnection, openConnection } from '../../services/connections.ts';
import type { Ports } from '../../services/ports.ts';
import { rateLimited } from '../rate-limit.ts';
import type { LiveKind } from '../real-time-metrics.ts';
import type { LiveLimits } from './live-limits.ts';

/** The records of the connections of this process: no more than may be. */
export interface ConnectionRecords {
  /**
   * Whoever has it closes it in the end.
   * @throws rate_limited when there are too many; aborted while the server stops; unauthorized, forbidden
   */
  open(caller: Caller | null, kind: LiveKind, userAgent: string): Promise<Connection>;
  /** Idempotent. Deletes the record and its subscriptions, beside. */
  close(record: Connection): void;
  /** Tells that the client was heard of. */
  keep(record: Connection): Promise<void>;
  /** Opens none any more. */
  refuse(): void;
  /** Once all that were closed are deleted. */
  settled(): Promise<void>;
}

export type RecordPorts = Pick<
  Ports,
  'connections' | 'subscriptions' | 'localConnections' | 'clock' | 'newId' | 'instanceEndpoint' | 'log'
>;

const MAX_USER_AGENT = 200;
/** Deleted at once: the many that a stop closes are no flood for the database. */
const MAX_DELETIONS = 16;
const RETRY_AFTER_MS = 30_000;

export function createConnectionRecords(
  ports: RecordPorts,
  limits: Pick<LiveLimits, 'connections' | 'connectionsPerUser'>,
): ConnectionRecords {
  const openIds = new Set<string>();
  const countByUser = new Map<string, number>();
  const toDelete: Connection[] = [];
  let deleting: Promise<unknown> | null = null;
  let isRefusing = false;

  function count(userId: string, by: 1 | -1): void {
    const total = (countByUser.get(userId) ?? 0) + by;
    if (total === 0) countByUser.delete(userId);
    else countByUser.set(userId, total);
  }

  function admit(userId: string): void {
    if (isRefusing) throw stopping();
    const ofUser = countByUser.get(userId) ?? 0;
    if (ofUser >= limits.connectionsPerUser || openIds.size >= limits.connections) {
      throw rateLimited(RETRY_AFTER_MS);
    }
  }

  function close(record: Connection): void {
    if (!openIds.delete(record.connectionId)) return;
    count(record.userId, -1);
    // At once: nothing is passed on to it any more.
    ports.localConnections.delete(record.connectionId);
    toDelete.push(record);
    deleteBeside();
  }

  function deleteBeside(): void {
    deleting ??= Promise.all(Array.from({ length: MAX_DELETIONS }, deleteOnes)).finally(() => {
      deleting = null;
      if (toDelete.length > 0) deleteBeside();
    });
  }

  async function deleteOnes(): Promise<void> {
    for (let record = toDelete.pop(); record !== undefined; record = toDelete.pop()) {
      const { connectionId } = record;
      try {
        await closeConnection(ports, connectionId);
      } catch (error) {
        ports.log.warn({ connectionId, error }, 'a connection could not be deleted; the sweep will');
      }
    }
  }

  return {
    async open(caller, kind, userAgent) {
      const userId = caller?.userId ?? '';
      admit(userId);
      // Before the record is there: of those that come together, each counts.
      count(userId, 1);
      let record: Connection;
      try {
        const metadata = { kind, user_agent: userAgent.slice(0, MAX_USER_AGENT) };
        record = await openConnection(ports, caller, metadata);
      } catch (error) {
        count(userId, -1);
        throw error;
      }
      openIds.add(record.connectionId);
      if (!isRefusing) return record;
      close(record);
      throw stopping();
    },

    close,

    async keep(record) {
      await keepConnection(ports, record);
      // It was closed meanwhile, and may have been made anew.
      if (!openIds.has(record.connectionId)) await closeConnection(ports, record.connectionId);
    },

    refuse() {
      isRefusing = true;
    },

    async settled() {
      while (deleting !== null) await deleting;
    },
  };
}

const stopping = (): AppError => new AppError('aborted', 'The server is stopping.');
