/** One execution under an `Idempotency-Key`: what was asked, and what was answered. */
export interface IdempotencyRecord {
  /** `{tenant}/{user}/{route}/{key}`, hashed. */
  readonly key: string;
  /** SHA-256 over what makes the request the same one. */
  readonly fingerprint: string;
  /** Absent while the first execution runs. */
  readonly response?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly expiresAtMs: number;
}

/** Expired ones count as gone. */
export interface IdempotencyStore {
  /** Stores the record unless one is there. @returns null when it was stored, else the record that is there */
  begin(record: IdempotencyRecord): Promise<IdempotencyRecord | null>;
  finish(
    key: string,
    response: NonNullable<IdempotencyRecord['response']>,
    expiresAtMs: number,
  ): Promise<void>;
  /** The execution failed in a way that may be tried again: the key is free. Idempotent. */
  release(key: string): Promise<void>;
  deleteExpired(nowMs: number, limit: number): Promise<number>;
}
