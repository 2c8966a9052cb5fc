import { setImmediate } from 'node:timers';
import type { Database } from './database.ts';

/**
 * Writes that are asked for in the same turn of the event loop become one transaction: each commit waits for the disk.
 * They run in the order in which they were asked for, and settle after the commit.
 */
export interface GroupCommit {
  /**
   * Runs `work` in the next transaction. What it throws is its own: what it wrote is undone, what the others did stays.
   * @throws storage_unavailable, insufficient_storage when the transaction fails: nobody has then written anything
   */
  run<Result>(work: () => Result): Promise<Result>;
  /** Whether writes wait for the next transaction. */
  isWaiting(): boolean;
}

interface Operation {
  readonly attempt: () => Settle;
  readonly reject: (error: unknown) => void;
}

/** Tells the one who asked how it went. */
type Settle = () => void;

/** So that one turn of the event loop does not become arbitrarily long. */
const MAX_OPERATIONS = 500;

export function createGroupCommit(db: Database): GroupCommit {
  const begin = db.prepare('SAVEPOINT operation');
  const keep = db.prepare('RELEASE operation');
  const undo = db.prepare('ROLLBACK TO operation');
  let waiting: Operation[] = [];

  function attempt<Result>(work: () => Result): { result: Result } | { error: unknown } {
    begin.run();
    try {
      const result = work();
      keep.run();
      return { result };
    } catch (error) {
      try {
        undo.run();
        keep.run();
      } catch {
        // On a full disk SQLite undoes the whole transaction by itself; then nobody has written.
        throw error;
      }
      return { error };
    }
  }

  function commit(): void {
    const group = waiting.slice(0, MAX_OPERATIONS);
    waiting = waiting.slice(MAX_OPERATIONS);
    if (waiting.length > 0) setImmediate(commit);
    let settles: Settle[];
    try {
      settles = db.transaction(() => group.map((operation) => operation.attempt()));
    } catch (error) {
      for (const { reject } of group) reject(error);
      return;
    }
    for (const settle of settles) settle();
  }

  return {
    run<Result>(work: () => Result) {
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      if (waiting.length === 0) setImmediate(commit);
      waiting.push({
        attempt: () => {
          const outcome = attempt(work);
          return () => ('error' in outcome ? reject(outcome.error) : resolve(outcome.result));
        },
        reject,
      });
      return promise;
    },
    isWaiting: () => waiting.length > 0,
  };
}
