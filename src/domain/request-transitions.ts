import { AppError } from './app-error.ts';
import {
  isFinal,
  type AsyncRequest,
  type JsonValue,
  type NewRequest,
  type RequestFailure,
  type RequestProgress,
  type RequestStatus,
} from './request.ts';

/** Of the attempts that failed, the last ones are told. */
const MAX_ATTEMPTS_TOLD = 20;

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
  const failure: RequestFailure = { code: 'internal', message, retryable: false };
  return ended(request, nowMs, { status: 'FAILED', error: withAttempt(request, failure, nowMs) });
}

export function claimed(request: AsyncRequest, nowMs: number, leaseMs: number): AsyncRequest {
  return changed(request, {
    status: 'PROCESSING',
    progress: 0,
    progressMessage: '',
    progressDetails: undefined,
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
export function progressed(
  request: AsyncRequest,
  { percentage, message, details }: RequestProgress,
): AsyncRequest {
  const progress = Math.min(100, Math.max(request.progress, percentage));
  return changed(request, { progress, progressMessage: message, progressDetails: details });
}

export const completed = (request: AsyncRequest, nowMs: number, result: JsonValue): AsyncRequest =>
  ended(request, nowMs, { status: 'COMPLETED', progress: 100, result, error: undefined });

/** To be tried again at `retryAtMs`, where that is given and retries are left; else it has FAILED. */
export function failed(
  request: AsyncRequest,
  nowMs: number,
  failure: RequestFailure,
  retryAtMs: number | undefined,
): AsyncRequest {
  const { retryCount, maxRetries } = request;
  const error = withAttempt(request, failure, nowMs);
  if (retryAtMs === undefined || retryCount >= maxRetries) {
    return ended(request, nowMs, { status: 'FAILED', error });
  }
  return changed(request, {
    status: 'RETRYING',
    error,
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

/** The lease is kept, and nobody's: before it has run out, its worker may not have heard. */
const cancelled = (request: AsyncRequest, nowMs: number): AsyncRequest => ({
  ...ended(request, nowMs, { status: 'CANCELLED' }),
  leaseUntilMs: request.leaseUntilMs,
});

/** Taken from a worker that may not hear of it before its lease has run out: nobody else has it until then. */
const takenBack = (request: AsyncRequest, nowMs: number): AsyncRequest => ({
  ...released(request, nowMs),
  visibleAtMs: Math.max(nowMs, request.leaseUntilMs ?? 0),
  leaseUntilMs: request.leaseUntilMs,
});

/** The lease under which it was cancelled is kept until it is claimed: it may be cancelled again before. */
const requeued = (request: AsyncRequest, nowMs: number): AsyncRequest =>
  changed(request, {
    status: 'PENDING',
    progress: 0,
    progressMessage: '',
    progressDetails: undefined,
    result: undefined,
    error: undefined,
    retryCount: 0,
    attempt: 0,
    visibleAtMs: Math.max(nowMs, request.leaseUntilMs ?? 0),
    startedAtMs: undefined,
    endedAtMs: undefined,
  });

/** As `RequestQueue.cancel`. @throws conflict */
export const cancelledOnce = (request: AsyncRequest, nowMs: number): AsyncRequest =>
  request.status === 'CANCELLED' ? request : moved(request, 'CANCELLED', nowMs);

/** As `RequestQueue.retry`. @throws conflict */
export function retried(request: AsyncRequest, nowMs: number): AsyncRequest {
  if (!isFinal(request.status)) throw noMove(request.status, 'PENDING');
  return moved(request, 'PENDING', nowMs);
}

/** As `RequestQueue.updateStatus`. @throws conflict */
export function movedFrom(
  request: AsyncRequest,
  from: RequestStatus,
  to: RequestStatus,
  nowMs: number,
): AsyncRequest {
  if (request.status === from) return moved(request, to, nowMs);
  throw new AppError('conflict', `The request is ${request.status}, not ${from}.`);
}

function moved(request: AsyncRequest, to: RequestStatus, nowMs: number): AsyncRequest {
  const { status } = request;
  if (to === 'CANCELLED' && !isFinal(status)) return cancelled(request, nowMs);
  if (to === 'PENDING' && status === 'PROCESSING') return takenBack(request, nowMs);
  if (to === 'PENDING' && (status === 'FAILED' || status === 'CANCELLED')) return requeued(request, nowMs);
  throw noMove(status, to);
}

const noMove = (from: RequestStatus, to: RequestStatus): AppError =>
  new AppError('conflict', `A request that is ${from} cannot become ${to}.`);

function withAttempt(request: AsyncRequest, failure: RequestFailure, nowMs: number): RequestFailure {
  const { code, message } = failure;
  const attempts = [
    ...(request.error?.attempts ?? []),
    { attempt: request.attempt, atMs: nowMs, code, message },
  ];
  return { ...failure, attempts: attempts.slice(-MAX_ATTEMPTS_TOLD) };
}

const changed = (request: AsyncRequest, changes: Partial<AsyncRequest>): AsyncRequest => ({
  ...request,
  ...changes,
  seq: request.seq + 1,
});

const ended = (request: AsyncRequest, nowMs: number, changes: Partial<AsyncRequest>): AsyncRequest =>
  changed(request, { ...changes, leaseUntilMs: undefined, endedAtMs: nowMs });
