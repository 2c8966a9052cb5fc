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

/** For what a bucket bills as a listing. */
const RARELY_MS = 3_600_000;

/** Clears away, for as long as the server runs, what has had its time. One sweep's failure stops no other. */
export function startSweeps(ports: SweepPorts, options: { readonly intervalMs: number }): RepeatedWork {
  const intervals = { intervalMs: options.intervalMs, afterFailureMs: options.intervalMs };
  const rarelyMs = Math.max(options.intervalMs, RARELY_MS);
  const rarely = { intervalMs: rarelyMs, afterFailureMs: rarelyMs };
  const sweeps = [
    repeatWork(ports, { name: 'sweeping retired objects', ...intervals }, () => sweepRetired(ports)),
    repeatWork(ports, { name: 'sweeping sessions', ...intervals }, () => sweepSessions(ports)),
    repeatWork(ports, { name: 'sweeping records', ...intervals }, () => sweepRecords(ports)),
    repeatWork(ports, { name: 'sweeping keys and links', ...intervals }, () => sweepCredentials(ports)),
    repeatWork(ports, { name: 'sweeping connections', ...intervals }, (signal) =>
      sweepConnections(ports, signal),
    ),
    repeatWork(ports, { name: 'settling abandoned files', ...intervals }, (signal) =>
      settleAllAbandoned(ports, signal),
    ),
    repeatWork(ports, { name: 'sweeping uploads', ...intervals }, () => sweepUploads(ports)),
    repeatWork(ports, { name: 'sweeping results', ...rarely }, () => sweepExpiringObjects(ports)),
    repeatWork(ports, { name: 'sweeping direct uploads', ...rarely }, () => sweepDirectUploads(ports)),
  ];
  return {
    async stop() {
      await Promise.all(sweeps.map((sweep) => sweep.stop()));
    },
  };
}
