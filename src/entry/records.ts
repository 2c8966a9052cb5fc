import type { Clock, NewId } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import type { StreamStore } from '../domain/stream.ts';
import type { WorkStarter } from '../domain/work-starter.ts';
import type { Ports } from '../services/ports.ts';

/** All that is neither audio nor the definition of a stream. */
export type Records = Pick<
  Ports,
  | 'apiKeys'
  | 'audioFiles'
  | 'connections'
  | 'idempotency'
  | 'links'
  | 'positions'
  | 'queue'
  | 'retired'
  | 'sessions'
  | 'settings'
  | 'subscriptions'
  | 'users'
>;

export interface RecordStorage {
  readonly kind: 'sqlite' | 'dynamodb';
  readonly records: Records;
  /** null where workers look into the queue by themselves. */
  readonly workStarter: WorkStarter | null;
  /** Definitions of streams among the records. */
  openStreams(): StreamStore;
  close(): void;
}

export interface RecordStorageOptions {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  /** Default true: whether the tables can be used is asked before anything else. */
  readonly isChecked?: boolean | undefined;
}
