import type { ErrorCode } from './app-error.ts';

export type RequestStatus = 'PENDING' | 'PROCESSING' | 'RETRYING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

export const isFinal = (status: RequestStatus): boolean =>
  status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

export interface RequestFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** Whether trying again can help. */
  readonly retryable: boolean;
}

/** Long work that somebody asked for. */
export interface AsyncRequest {
  readonly requestId: string;
  readonly action: string;
  readonly payload: JsonValue;
  readonly status: RequestStatus;
  readonly userId: string;
  readonly tenantId: string;
  /** 0 to 100; never falls within an attempt. */
  readonly progress: number;
  readonly progressMessage: string;
  readonly result?: JsonValue | undefined;
  readonly error?: RequestFailure | undefined;
  readonly retryCount: number;
  readonly maxRetries: number;
  /** Not to be claimed before this time. */
  readonly visibleAtMs: number;
  /** Claims so far, but for those that were given back. */
  readonly attempt: number;
  readonly leaseUntilMs?: number | undefined;
  /** Rises by one with every change that a subscriber may see. */
  readonly seq: number;
  readonly createdAtMs: number;
  readonly startedAtMs?: number | undefined;
  readonly endedAtMs?: number | undefined;
}

export interface NewRequest {
  readonly requestId: string;
  readonly action: string;
  readonly payload: JsonValue;
  readonly userId: string;
  readonly tenantId: string;
  readonly maxRetries: number;
}

/** The worker's hold on a request. `token` is the fencing token that each of its writes names. */
export interface Lease {
  readonly requestId: string;
  readonly token: string;
  readonly untilMs: number;
}

export interface ClaimedRequest {
  readonly request: AsyncRequest;
  readonly lease: Lease;
}

/**
 * Every change of status is one conditional write. While a lease holds, two workers never have the same request. A
 * write whose token is not the current one, or whose lease has run out and was claimed by another, throws lease_lost
 * and changes nothing.
 */
export interface RequestQueue {
  /** @throws already_exists when the id is taken */
  enqueue(request: NewRequest): Promise<AsyncRequest>;
  /**
   * Takes the oldest request of these actions that is visible (PENDING or RETRYING and due, or PROCESSING with a
   * lease that has run out): it becomes PROCESSING, its attempt and seq rise. A request whose lease ran out more
   * often than `maxRetries` becomes FAILED (`internal`) instead of being claimed.
   */
  claim(actions: readonly string[], leaseMs: number): Promise<ClaimedRequest | null>;
  /** Prolongs the lease from now. @throws lease_lost */
  renew(lease: Lease, leaseMs: number): Promise<Lease>;
  /** A lower percentage than before keeps the one before. @throws lease_lost */
  progress(lease: Lease, percentage: number, message: string): Promise<void>;
  /** COMPLETED, progress 100. @throws lease_lost */
  complete(lease: Lease, result: JsonValue): Promise<AsyncRequest>;
  /** RETRYING and visible at `retryAtMs` when that is given and retries are left, else FAILED. @throws lease_lost */
  fail(lease: Lease, failure: RequestFailure, retryAtMs?: number): Promise<AsyncRequest>;
  /** Gives the request back as it was before the claim, PENDING and to be claimed at once: this was no attempt.
   * @throws lease_lost */
  release(lease: Lease): Promise<AsyncRequest>;
  /** Of any tenant: the caller checks. */
  find(requestId: string): Promise<AsyncRequest | null>;
  /** Deletes final requests that ended before `beforeMs`. @returns how many, at most `limit` */
  deleteEnded(beforeMs: number, limit: number): Promise<number>;
  /** Requests that are not final, for /metrics and the graceful stop. */
  countOpen(): Promise<number>;
}
