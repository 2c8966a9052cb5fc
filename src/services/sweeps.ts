import { mapBounded } from '../domain/map-bounded.ts';
import type { Ports } from './ports.ts';
import { repeatWork } from './repeated-work.ts';
import type { RepeatedWork } from './repeated-work.ts';
import {
  sweepCredentials,
  sweepDirectUploads,
  sweepRecords,
  sweepExpiringObjects,
  sweepSessions,
  sweepUploads,
} from './sweep-expired.ts';
import { settleAllAbandoned } from './settle-abandoned.ts';
import { sweepConnections } from './sweep-connections.ts';
import { sweepRetired } from './sweep-retired.ts';

export type SweepPorts = Pick<
  Ports,
  | 'apiKeys'
  | 'audioFiles'
  | 'clock'
  | 'connections'
  | 'directUploads'
  | 'idempotency'
  | 'links'
  | 'log'
  | 'objects'
  | 'policy'
  | 'queue'
  | 'retired'
  | 'sessions'
  | 'streams'
  | 'subscriptions'
  | 'users'
>;

export interface Sweep {
  readonly name: string;
  /** What a bucket bills as a listing of much. */
  readonly isRare?: boolean;
  readonly run: (ports: SweepPorts, signal: AbortSignal) => Promise<unknown>;
}

const RARELY_MS = 3_600_000;
/** Of one round, at once: a function has little memory. */
const MAX_UNDER_WAY = 3;

const SWEEPS: readonly Sweep[] = [
  { name: 'sweeping retired objects', run: sweepRetired },
  { name: 'sweeping sessions', run: sweepSessions },
  { name: 'sweeping records', run: sweepRecords },
  { name: 'sweeping keys and links', run: sweepCredentials },
  { name: 'sweeping connections', run: sweepConnections },
  { name: 'settling abandoned files', run: settleAllAbandoned },
  { name: 'sweeping uploads', run: sweepUploads },
  { name: 'sweeping results', isRare: true, run: sweepExpiringObjects },
  { name: 'sweeping direct uploads', isRare: true, run: sweepDirectUploads },
];

/** Clears away, for as long as the server runs, what has had its time. One sweep's failure stops no other. */
export function startSweeps(
  ports: SweepPorts,
  { intervalMs }: { readonly intervalMs: number },
): RepeatedWork {
  const rarelyMs = Math.max(intervalMs, RARELY_MS);
  const sweeps = SWEEPS.map(({ name, isRare = false, run }) => {
    const everyMs = isRare ? rarelyMs : intervalMs;
    const options = { name, intervalMs: everyMs, afterFailureMs: everyMs };
    return repeatWork(ports, options, (signal) => run(ports, signal));
  });
  return {
    async stop() {
      await Promise.all(sweeps.map((sweep) => sweep.stop()));
    },
  };
}

export interface SweepOnceOptions {
  /** Whether those have their turn that are for once an hour. */
  readonly withRare: boolean;
  readonly signal: AbortSignal;
}

/**
 * One round of all sweeps, where nothing runs between two of them. All have their turn.
 * @throws AggregateError of those that failed, once all have run
 */
export async function sweepOnce(
  ports: SweepPorts,
  { withRare, signal }: SweepOnceOptions,
  more: readonly Sweep[] = [],
): Promise<void> {
  const due = [...more, ...SWEEPS.filter(({ isRare = false }) => withRare || !isRare)];
  const failures = await mapBounded(due, MAX_UNDER_WAY, async ({ name, run }): Promise<unknown[]> => {
    if (signal.aborted) return [];
    try {
      await run(ports, signal);
      return [];
    } catch (error) {
      ports.log.error({ work: name, error }, `${name} failed and will be tried again`);
      return [error];
    }
  });
  const errors = failures.flat();
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${due.length} sweeps failed.`);
}
