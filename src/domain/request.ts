import type { ErrorCode, FieldError } from './app-error.ts';
import type { Page, PageRequest } from './page.ts';

export const REQUEST_STATUSES = [
  'PENDING',
  'PROCESSING',
  'RETRYING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

export const isFinal = (status: RequestStatus): boolean =>
  status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

export type JsonObject = { readonly [key: string]: JsonValue | undefined };

/** One attempt that did not come to its end. */
export interface FailedAttempt {
  readonly attempt: number;
  readonly atMs: number;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface RequestFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** Whether trying again can help. */
  readonly retryable: boolean;
  /** The fields of the payload that are at fault. */
  readonly errors?: readonly FieldError[] | undefined;
  /** What else is kept of it, for those who may see the request. */
  readonly details?: JsonObject | undefined;
  /** What was tried, the first first; the queue adds to it. */
  readonly attempts?: readonly FailedAttempt[] | undefined;
}

/** Long work that somebody asked for. */
export interface AsyncRequest {
  readonly requestId: string;
  readonly action: string;
  readonly payload: JsonValue;
  readonly status: RequestStatus;
  readonly userId: string;
  readonly tenantId: string;
  /** Of the connection that asked for it. */
  readonly connectionId?: string | undefined;
  /** What the client wants to have back with every event. */
  readonly metadata?: JsonObject | undefined;
  /** 0 to 100; never falls within an attempt. */
  readonly progress: number;
  readonly progressMessage: string;
  /** What the action tells beside the percentage. */
  readonly progressDetails?: JsonObject | undefined;
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
  readonly connectionId?: string | undefined;
  readonly metadata?: JsonObject | undefined;
}

/** How far the work is. */
export interface RequestProgress {
  /** 0 to 100. */
  readonly percentage: number;
  readonly message: string;
  readonly details?: JsonObject | undefined;
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

/** Which requests a list is of: those that meet all that is given. */
export interface RequestFilter {
  readonly tenantId?: string | undefined;
  readonly userId?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly status?: RequestStatus | undefined;
  readonly action?: string | undefined;
}

export const meetsFilter = (request: AsyncRequest, filter: RequestFilter): boolean =>
  (filter.tenantId === undefined || request.tenantId === filter.tenantId) &&
  (filter.userId === undefined || request.userId === filter.userId) &&
  (filter.connectionId === undefined || request.connectionId === filter.connectionId) &&
  (filter.status === undefined || request.status === filter.status) &&
  (filter.action === undefined || request.action === filter.action);

/** The open requests of one action and status. */
export interface RequestTally {
  readonly action: string;
  readonly status: RequestStatus;
  readonly count: number;
  readonly oldestCreatedAtMs: number;
}

/**
 * Every change of status is one conditional write, and makes `seq` one more. While a lease holds, two workers never have
 * the same request. A write whose token is not the current one, or whose lease has run out and was claimed by another,
 * or whose request was cancelled, throws lease_lost and changes nothing.
 *
 * Tenants and users are not checked here: the caller does.
 */
export interface RequestQueue {
  /** @throws already_exists when the id is taken */
  enqueue(request: NewRequest): Promise<AsyncRequest>;
  /**
   * Takes up to `limit` requests of these actions that are visible (PENDING or RETRYING and due, or PROCESSING with a
   * lease that has run out): each becomes PROCESSING, its attempt and seq rise. Users take turns, the one served least
   * recently first, so that whoever has one request waiting is not behind all of another's thousand; within a user,
   * the oldest comes first. A request whose
   * lease ran out more often than `maxRetries` becomes FAILED (`internal`) instead of being claimed; `onGivenUp` hears
   * of it.
   */
  claim(
    actions: readonly string[],
    leaseMs: number,
    limit: number,
    onGivenUp?: (request: AsyncRequest) => void,
  ): Promise<ClaimedRequest[]>;
  /** Prolongs the lease from now. @throws lease_lost */
  renew(lease: Lease, leaseMs: number): Promise<Lease>;
  /** A lower percentage than before keeps the one before. @throws lease_lost */
  progress(lease: Lease, progress: RequestProgress): Promise<AsyncRequest>;
  /** COMPLETED, progress 100. @throws lease_lost */
  complete(lease: Lease, result: JsonValue): Promise<AsyncRequest>;
  /** RETRYING and visible at `retryAtMs` when that is given and retries are left, else FAILED. @throws lease_lost */
  fail(lease: Lease, failure: RequestFailure, retryAtMs?: number): Promise<AsyncRequest>;
  /** Gives the request back as it was before the claim, PENDING and to be claimed at once: this was no attempt.
   * @throws lease_lost */
  release(lease: Lease): Promise<AsyncRequest>;
  /**
   * CANCELLED, whoever works on it: the worker's next write throws lease_lost. Idempotent.
   * @throws not_found; conflict when it is COMPLETED or FAILED
   */
  cancel(requestId: string): Promise<AsyncRequest>;
  /**
   * A FAILED or CANCELLED request is PENDING as on its first day, with all its retries; not to be claimed before the
   * lease under which it was cancelled has run out.
   * @throws not_found; conflict when it is neither
   */
  retry(requestId: string): Promise<AsyncRequest>;
  /**
   * Moves a request from the status it is seen in, without its lease: an open one to CANCELLED, one that is PROCESSING
   * back to PENDING (not to be claimed before its lease has run out), a FAILED or CANCELLED one to PENDING.
   * @throws not_found; conflict when it is not `from` any more, or there is no such move
   */
  updateStatus(requestId: string, from: RequestStatus, to: RequestStatus): Promise<AsyncRequest>;
  find(requestId: string): Promise<AsyncRequest | null>;
  /** Those that there are, in no particular order. */
  findMany(requestIds: readonly string[]): Promise<AsyncRequest[]>;
  /** The newest first. A page may hold fewer than its limit and not be the last. */
  list(filter: RequestFilter, page: PageRequest): Promise<Page<AsyncRequest>>;
  /** Whatever its status; a worker that has it loses its lease. Idempotent. */
  delete(requestId: string): Promise<void>;
  /** Deletes final requests that ended before `beforeMs`. @returns how many, at most `limit` */
  deleteEnded(beforeMs: number, limit: number): Promise<number>;
  /** Requests that are not final. */
  countOpen(): Promise<number>;
  /** The same, by action and status, for /metrics. */
  tallyOpen(): Promise<RequestTally[]>;
}
