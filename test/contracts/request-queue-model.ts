import type { JsonValue, RequestFilter, RequestStatus } from '../../src/domain/request.ts';

/** What the port says, in as few words as can be: one array, changed in place. */
export interface ModelRequest {
  requestId: string;
  userId: string;
  action: string;
  maxRetries: number;
  status: RequestStatus;
  progress: number;
  retryCount: number;
  attempt: number;
  seq: number;
  visibleAtMs: number;
  leaseUntilMs: number | undefined;
  endedAtMs: number | undefined;
  result: JsonValue | undefined;
  /** The attempts that failed are told by their numbers. */
  told: number[];
}

interface Held extends ModelRequest {
  token: string | null;
}

export type Refusal = 'already_exists' | 'lease_lost' | 'not_found' | 'conflict';

const OPEN: readonly RequestStatus[] = ['PENDING', 'RETRYING', 'PROCESSING'];
export const isOpen = ({ status }: ModelRequest): boolean => OPEN.includes(status);

export class RequestQueueModel {
  /** In the order of arrival. */
  #requests: Held[] = [];
  readonly #served = new Map<string, number>();
  #claims = 0;

  /** The newest first. */
  list({ userId, action, status }: RequestFilter = {}): ModelRequest[] {
    return this.#requests
      .filter((request) => userId === undefined || request.userId === userId)
      .filter((request) => action === undefined || request.action === action)
      .filter((request) => status === undefined || request.status === status)
      .map(({ token: _, ...request }) => request)
      .reverse();
  }

  enqueue(made: { requestId: string; userId: string; action: string; maxRetries: number }, nowMs: number) {
    if (this.#find(made.requestId) !== undefined) return 'already_exists';
    const blank = { progress: 0, retryCount: 0, attempt: 0, seq: 1, visibleAtMs: nowMs, told: [] };
    const none = { leaseUntilMs: undefined, endedAtMs: undefined, result: undefined, token: null };
    this.#requests.push({ ...made, status: 'PENDING', ...blank, ...none });
    return null;
  }

  /** By user, the oldest first. */
  claimable(actions: readonly string[], nowMs: number): Map<string, ModelRequest[]> {
    const due = this.#requests.filter((request) => {
      const sinceMs = request.status === 'PROCESSING' ? request.leaseUntilMs! : request.visibleAtMs;
      return isOpen(request) && actions.includes(request.action) && sinceMs <= nowMs;
    });
    return Map.groupBy(due, ({ userId }) => userId);
  }

  isExhausted = ({ attempt, retryCount, maxRetries }: ModelRequest): boolean =>
    attempt - retryCount > maxRetries;

  /** The higher, the later it was served. */
  turnOf = (userId: string): number => this.#served.get(userId) ?? 0;

  claim(requestId: string, token: string, untilMs: number): void {
    const request = this.#find(requestId)!;
    Object.assign(request, { status: 'PROCESSING', progress: 0, token, leaseUntilMs: untilMs });
    request.attempt += 1;
    request.seq += 1;
    this.#served.set(request.userId, (this.#claims += 1));
  }

  giveUp(requestId: string, nowMs: number): void {
    const request = this.#find(requestId)!;
    request.told.push(request.attempt);
    this.#end(request, 'FAILED', nowMs);
  }

  renew(token: string, untilMs: number): Refusal | null {
    const request = this.#held(token);
    if (request === undefined) return 'lease_lost';
    request.leaseUntilMs = untilMs;
    return null;
  }

  progress(token: string, percentage: number): Refusal | null {
    const request = this.#held(token);
    if (request === undefined) return 'lease_lost';
    request.progress = Math.max(request.progress, percentage);
    request.seq += 1;
    return null;
  }

  complete(token: string, result: JsonValue, nowMs: number): Refusal | null {
    const request = this.#held(token);
    if (request === undefined) return 'lease_lost';
    this.#end(request, 'COMPLETED', nowMs);
    Object.assign(request, { result, progress: 100, told: [] });
    return null;
  }

  fail(token: string, retryAtMs: number | undefined, nowMs: number): Refusal | null {
    const request = this.#held(token);
    if (request === undefined) return 'lease_lost';
    request.told.push(request.attempt);
    if (retryAtMs === undefined || request.retryCount === request.maxRetries) {
      this.#end(request, 'FAILED', nowMs);
      return null;
    }
    this.#wait(request, 'RETRYING', retryAtMs);
    request.leaseUntilMs = undefined;
    request.retryCount += 1;
    return null;
  }

  release(token: string, nowMs: number): Refusal | null {
    const request = this.#held(token);
    if (request === undefined) return 'lease_lost';
    this.#wait(request, 'PENDING', nowMs);
    request.leaseUntilMs = undefined;
    request.attempt -= 1;
    return null;
  }

  cancel(requestId: string, nowMs: number): Refusal | null {
    const request = this.#find(requestId);
    if (request === undefined) return 'not_found';
    if (request.status === 'CANCELLED') return null;
    return this.updateStatus(requestId, request.status, 'CANCELLED', nowMs);
  }

  retry(requestId: string, nowMs: number): Refusal | null {
    const request = this.#find(requestId);
    if (request === undefined) return 'not_found';
    if (isOpen(request)) return 'conflict';
    return this.updateStatus(requestId, request.status, 'PENDING', nowMs);
  }

  updateStatus(requestId: string, from: RequestStatus, to: RequestStatus, nowMs: number): Refusal | null {
    const request = this.#find(requestId);
    if (request === undefined) return 'not_found';
    if (request.status !== from) return 'conflict';
    const { leaseUntilMs } = request;
    const freeAtMs = Math.max(nowMs, leaseUntilMs ?? 0);
    if (isOpen(request) && to === 'CANCELLED') {
      this.#end(request, 'CANCELLED', nowMs);
    } else if (from === 'PROCESSING' && to === 'PENDING') {
      this.#wait(request, 'PENDING', freeAtMs);
      request.attempt -= 1;
    } else if ((from === 'FAILED' || from === 'CANCELLED') && to === 'PENDING') {
      this.#wait(request, 'PENDING', freeAtMs);
      Object.assign(request, { progress: 0, retryCount: 0, attempt: 0, endedAtMs: undefined, told: [] });
    } else {
      return 'conflict';
    }
    // Its worker may not have heard of it.
    request.leaseUntilMs = leaseUntilMs;
    return null;
  }

  delete(requestId: string): void {
    this.#requests = this.#requests.filter((request) => request.requestId !== requestId);
  }

  #find = (requestId: string): Held | undefined =>
    this.#requests.find((request) => request.requestId === requestId);

  #held = (token: string): Held | undefined => this.#requests.find((request) => request.token === token);

  #wait(request: Held, status: RequestStatus, visibleAtMs: number): void {
    Object.assign(request, { status, visibleAtMs, token: null });
    request.seq += 1;
  }

  #end(request: Held, status: RequestStatus, nowMs: number): void {
    Object.assign(request, { status, endedAtMs: nowMs, leaseUntilMs: undefined, token: null });
    request.seq += 1;
  }
}
