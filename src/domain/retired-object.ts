/** How long an object is kept that no record names (any more): a listener is not cut off, and what a crash left behind
 * is not there for longer. */
export const RETIRED_FOR_MS = 24 * 3_600_000;

/** An object that no record names any more, kept for a while so that no listener is cut off. */
export interface RetiredObject {
  readonly key: string;
  readonly sweepAtMs: number;
}

export interface RetiredObjectStore {
  /** A key that is there already keeps the later time. */
  add(object: RetiredObject): Promise<void>;
  /** Due ones, oldest first. */
  listDue(nowMs: number, limit: number): Promise<RetiredObject[]>;
  /** Idempotent. */
  remove(key: string): Promise<void>;
}
