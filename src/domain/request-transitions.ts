import type { AsyncRequest, NewRequest, RequestFailure, JsonValue } from './request.ts';

/*
 * What becomes of a request: pure steps, so that every queue takes the same ones. Who holds the lease, and that two
 * steps do not cross, is the queue's matter. Each step that a subscriber may see makes `seq` one more.
 */

export function arrived(request: NewRequest, nowMs: number): AsyncRequest {
  return {
    ...request,
    status: 'PENDING',
    progress: 0,
    progressMessage: '',
    retryCount: 0,
    visibleAtMs: nowMs,
    attempt: 0,
    seq: 1,
    createdAtMs: nowMs,
  };
}

/** From when on the request may be claimed; Infinity when it has ended. */
export function claimableAtMs(request: AsyncRequest): number {
  if (request.endedAtMs !== undefined) return Infinity;
  return request.status === 'PROCESSING' ? (request.leaseUntilMs ?? Infinity) : request.visibleAtMs;
}

/** Whether its leases ran out more often than it may be tried: then it is `givenUp` instead of claimed. Claims that
 * ended in a retry are counted as such; the others ended with the lease. */
export const isExhausted = ({ attempt, retryCount, maxRetries }: AsyncRequest): boolean =>
  attempt - retryCount > maxRetries;

export function givenUp(request: AsyncRequest, nowMs: number): AsyncRequest {
  const message = 'The work was begun several times and never came to an end.';
  return ended(request, nowMs, { status: 'FAILED', error: { code: 'internal', message, retryable: false } });
}

export function claimed(request: AsyncRequest, nowMs: number, leaseMs: number): AsyncRequest {
  return changed(request, {
    status: 'PROCESSING',
    progress: 0,
    progressMessage: '',
    error: undefined,
    attempt: request.attempt + 1,
    leaseUntilMs: nowMs + leaseMs,
    startedAtMs: nowMs,
  });
}

/** Nothing that a subscriber sees. */
export const renewed = (request: AsyncRequest, untilMs: number): AsyncRequest => ({
  ...request,
  leaseUntilMs: untilMs,
});

/** A percentage never falls within an attempt. */
export function progressed(request: AsyncRequest, percentage: number, message: string): AsyncRequest {
  const progress = Math.min(100, Math.max(request.progress, percentage));
  return changed(request, { progress, progressMessage: message });
}

export const completed = (request: AsyncRequest, nowMs: number, result: JsonValue): AsyncRequest =>
  ended(request, nowMs, { status: 'COMPLETED', progress: 100, result });

/** To be tried again at `retryAtMs`, where that is given and retries are left; else it has FAILED. */
export function failed(
  request: AsyncRequest,
  nowMs: number,
  failure: RequestFailure,
  retryAtMs: number | undefined,
): AsyncRequest {
  const { retryCount, maxRetries } = request;
  if (retryAtMs === undefined || retryCount >= maxRetries) {
    return ended(request, nowMs, { status: 'FAILED', error: failure });
  }
  return changed(request, {
    status: 'RETRYING',
    error: failure,
    retryCount: retryCount + 1,
    visibleAtMs: retryAtMs,
    leaseUntilMs: undefined,
  });
}

/** As before the claim: this was no attempt. */
export const released = (request: AsyncRequest, nowMs: number): AsyncRequest =>
  changed(request, {
    status: 'PENDING',
    attempt: request.attempt - 1,
    visibleAtMs: nowMs,
    leaseUntilMs: undefined,
  });

const changed = (request: AsyncRequest, changes: Partial<AsyncRequest>): AsyncRequest => ({
  ...request,
  ...changes,
  seq: request.seq + 1,
});

const ended = (request: AsyncRequest, nowMs: number, changes: Partial<AsyncRequest>): AsyncRequest =>
  changed(request, { ...changes, leaseUntilMs: undefined, endedAtMs: nowMs });
