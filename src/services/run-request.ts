import { AppError } from '../domain/app-error.ts';
import type { Log } from '../domain/log.ts';
import type { ClaimedRequest, JsonValue, Lease, RequestFailure, RequestProgress } from '../domain/request.ts';
import { isStorableJson } from '../domain/stored-field.ts';
import { failureOf, MAX_MESSAGE_LENGTH, type QueuedAction, type RetryPolicy } from './actions/action.ts';
import { keepResult } from './kept-result.ts';
import type { Ports } from './ports.ts';
import { createProgressWriter } from './progress-writer.ts';

export type RunPorts = Pick<Ports, 'queue' | 'objects' | 'clock' | 'log' | 'random'>;

/** A request that is being worked on: its lease, which the worker renews, and the way to end it. */
export interface HeldRequest {
  readonly claimed: ClaimedRequest;
  /** As it was renewed last. */
  lease: Lease;
  /** Aborted with `lease_lost` or `cancelled` when somebody else decides from now on, with `aborted` when the worker
   * stops. */
  readonly ending: AbortController;
  /** What is let go after this has failed; undefined for never. */
  readonly giveUpAtMs?: number | undefined;
}

export type RunAction = Pick<QueuedAction<never>, 'handle' | 'retry' | 'onCompleted'>;

const PROGRESS_INTERVAL_MS = 500;
/** However long somebody asks to be left alone for. */
const MAX_ASKED_DELAY_MS = 15 * 60_000;
/** In one record with the payload, the result and what was tried. */
const MAX_DETAILS_BYTES = 16 * 1024;

const TOOK_TOO_LONG: RequestFailure = {
  code: 'aborted',
  message: 'The work was let go again and again, and never came to an end.',
  retryable: false,
};

/** By chance between nothing and a bound that doubles from retry to retry: full jitter, so that those that failed
 * together do not come back together (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). */
export function retryDelayMs(
  { firstDelayMs, lastDelayMs }: Pick<RetryPolicy, 'firstDelayMs' | 'lastDelayMs'>,
  retryCount: number,
  random: number,
): number {
  return Math.round(Math.min(lastDelayMs, firstDelayMs * 2 ** retryCount) * random);
}

/**
 * Runs the action of a claimed request and writes its outcome. When the lease is lost or the request cancelled, the
 * action is aborted and nothing is written. When the worker stops, the request is given back.
 * @throws what writing the outcome throws, lease_lost among it; cancelled when it was
 */
export async function runRequest(ports: RunPorts, action: RunAction, held: HeldRequest): Promise<void> {
  const { queue } = ports;
  const { request } = held.claimed;
  const { signal } = held.ending;
  const log = withFields(ports.log, {
    requestId: request.requestId,
    action: request.action,
    attempt: request.attempt,
  });
  const progress = createProgressWriter(
    async (report) => {
      await queue.progress(held.lease, fitting(report, log));
    },
    { intervalMs: PROGRESS_INTERVAL_MS, onError: (error) => onLostWrite(ports, held, log, error) },
  );

  let outcome: { readonly result: JsonValue } | { readonly error: unknown };
  try {
    const result = await action.handle(request, {
      signal,
      log,
      isLastAttempt: request.retryCount >= request.maxRetries,
      report: (percentage, message, details) => progress.report({ percentage, message, details }),
    });
    outcome = { result: await keepResult(ports, request, result) };
  } catch (error) {
    outcome = { error };
  }
  await progress.stop();

  const reason: unknown = signal.reason;
  if (reason instanceof AppError && reason.code !== 'aborted') throw reason;
  if ('result' in outcome) {
    await queue.complete(held.lease, outcome.result);
    log.info({}, 'request completed');
    await action.onCompleted?.(request).catch((error: unknown) => {
      log.warn({ error }, 'what a completed request left could not be cleared away');
    });
    return;
  }
  if (signal.aborted && ports.clock() >= (held.giveUpAtMs ?? Infinity)) {
    await queue.fail(held.lease, TOOK_TOO_LONG);
    log.error({}, 'request given up: it does not come to an end between two stops');
    return;
  }
  if (signal.aborted) {
    // Neither a failure nor an attempt: long work outlives any number of restarts.
    await queue.release(held.lease);
    log.info({}, 'request let go: the worker stops');
    return;
  }
  const { error } = outcome;
  const failure = failureOf(error);
  const delayMs = Math.max(
    retryDelayMs(action.retry, request.retryCount, ports.random()),
    Math.min(MAX_ASKED_DELAY_MS, askedDelayMs(error)),
  );
  const failed = await queue.fail(
    held.lease,
    failure,
    failure.retryable ? ports.clock() + delayMs : undefined,
  );
  log[failure.retryable ? 'error' : 'info'](
    { code: failure.code, status: failed.status, error },
    'request failed',
  );
}

/** What whoever failed asks to be left alone for: `Retry-After` of a server. */
function askedDelayMs(error: unknown): number {
  const seconds = error instanceof AppError ? error.details['retry_after_s'] : undefined;
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : 0;
}

/** What a record has room for: one that is full could not even be completed. */
function fitting({ percentage, message, details }: RequestProgress, log: Log): RequestProgress {
  const fits =
    details !== undefined &&
    Buffer.byteLength(JSON.stringify(details)) <= MAX_DETAILS_BYTES &&
    isStorableJson(details);
  if (details !== undefined && !fits)
    log.warn({}, 'the details of a progress have no room in a record; left out');
  return { percentage, message: message.slice(0, MAX_MESSAGE_LENGTH), ...(fits && { details }) };
}

/** A write that did not succeed: the request is somebody else's by now, or the queue cannot be written for a moment. */
export function onLostWrite(ports: Pick<Ports, 'clock'>, held: HeldRequest, log: Log, error: unknown): void {
  const isLost = error instanceof AppError && error.code === 'lease_lost';
  if (isLost || ports.clock() >= held.lease.untilMs) {
    held.ending.abort(isLost ? error : new AppError('lease_lost', 'The lease ran out.', { cause: error }));
  } else {
    log.warn({ error }, 'the queue could not be written; trying on');
  }
}

export function withFields(log: Log, fields: Readonly<Record<string, unknown>>): Log {
  return {
    debug: (more, message) => log.debug({ ...fields, ...more }, message),
    info: (more, message) => log.info({ ...fields, ...more }, message),
    warn: (more, message) => log.warn({ ...fields, ...more }, message),
    error: (more, message) => log.error({ ...fields, ...more }, message),
  };
}
