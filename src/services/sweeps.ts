import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Ports } from './ports.ts';
import { repeatWork } from './repeated-work.ts';
import type { RepeatedWork } from './repeated-work.ts';
import { sweepRecords, sweepSessions, sweepUploads } from './sweep-expired.ts';
import { settleAbandoned } from './settle-abandoned.ts';
import { sweepRetired } from './sweep-retired.ts';

export type SweepPorts = Pick<
  Ports,
  | 'audioFiles'
  | 'clock'
  | 'idempotency'
  | 'log'
  | 'objects'
  | 'queue'
  | 'retired'
  | 'sessions'
  | 'streams'
  | 'users'
>;

/** Clears away, for as long as the server runs, what has had its time. One sweep's failure stops no other. */
export function startSweeps(ports: SweepPorts, options: { readonly intervalMs: number }): RepeatedWork {
  const intervals = { intervalMs: options.intervalMs, afterFailureMs: options.intervalMs };
  const sweeps = [
    repeatWork(ports, { name: 'sweeping retired objects', ...intervals }, () => sweepRetired(ports)),
    repeatWork(ports, { name: 'sweeping sessions', ...intervals }, () => sweepSessions(ports)),
    repeatWork(ports, { name: 'sweeping records', ...intervals }, () => sweepRecords(ports)),
    repeatWork(ports, { name: 'settling abandoned files', ...intervals }, () =>
      settleAbandoned(ports, DEFAULT_TENANT),
    ),
    repeatWork(ports, { name: 'sweeping uploads', ...intervals }, () => sweepUploads(ports)),
  ];
  return {
    async stop() {
      await Promise.all(sweeps.map((sweep) => sweep.stop()));
    },
  };
}
