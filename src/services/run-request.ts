import { AppError, isAppError } from '../domain/app-error.ts';
import type { ClaimedRequest, JsonValue } from '../domain/request.ts';
import { failureOf } from './actions/action.ts';
import type { Action } from './actions/action.ts';
import type { Ports } from './ports.ts';
import { createProgressWriter } from './progress-writer.ts';

export interface RunOptions {
  readonly leaseMs: number;
  /** How long to wait before the retry that comes after `retryCount` others. */
  readonly delayMs: (retryCount: number) => number;
  /** Aborted when the worker stops and will not wait any longer. */
  readonly stopping: AbortSignal;
}

type RunPorts = Pick<Ports, 'queue' | 'clock' | 'log'>;

const FIRST_RETRY_MS = 2000;
const LAST_RETRY_MS = 120_000;
const PROGRESS_INTERVAL_MS = 500;

/** Doubles from retry to retry, up to two minutes; of that, half to the whole, so that many do not come back at once. */
export function retryDelayMs(retryCount: number, random: number): number {
  const delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** retryCount);
  return Math.round(delayMs * (0.5 + random / 2));
}

/**
 * Runs the action of a claimed request and writes its outcome. The lease is renewed at a third of its time; when it is
 * lost, the action is aborted and nothing is written. When the worker stops, the request is given back.
 * @throws what writing the outcome throws, lease_lost among it
 */
export async function runRequest<ActionPorts extends RunPorts>(
  ports: ActionPorts,
  action: Action<ActionPorts>,
  { request, lease: claimedLease }: ClaimedRequest,
  { leaseMs, delayMs, stopping }: RunOptions,
): Promise<void> {
  const { queue, log } = ports;
  const { requestId } = request;
  const fields = { requestId, action: request.action, attempt: request.attempt };
  let lease = claimedLease;
  const lost = new AbortController();
  const signal = AbortSignal.any([lost.signal, stopping]);
  const onFailedWrite = (error: unknown) => {
    if (isAppError(error, 'lease_lost') || ports.clock() >= lease.untilMs) lost.abort(error);
    else log.warn({ ...fields, error }, 'the queue could not be written; trying on');
  };
  const renewal = setInterval(() => {
    queue.renew(lease, leaseMs).then((renewed) => {
      lease = renewed;
    }, onFailedWrite);
  }, leaseMs / 3);
  const progress = createProgressWriter((percentage, message) => queue.progress(lease, percentage, message), {
    intervalMs: PROGRESS_INTERVAL_MS,
    onError: onFailedWrite,
  });

  let outcome: { readonly result: JsonValue } | { readonly error: unknown };
  try {
    const isLastAttempt = request.retryCount >= request.maxRetries;
    const report = (percentage: number, message: string) => progress.report(percentage, message);
    outcome = { result: await action(ports, request, { signal, isLastAttempt, progress: report }) };
  } catch (error) {
    outcome = { error };
  } finally {
    clearInterval(renewal);
    await progress.stop();
  }

  if (lost.signal.aborted)
    throw new AppError('lease_lost', 'The lease ran out.', { cause: lost.signal.reason });
  if ('result' in outcome) {
    await queue.complete(lease, outcome.result);
    log.info(fields, 'request completed');
    return;
  }
  if (signal.aborted) {
    // Neither a failure nor an attempt: long work outlives any number of restarts.
    await queue.release(lease);
    log.info(fields, 'request let go: the worker stops');
    return;
  }
  const { error } = outcome;
  const failure = failureOf(error);
  const retryAtMs = failure.retryable ? ports.clock() + delayMs(request.retryCount) : undefined;
  const failed = await queue.fail(lease, failure, retryAtMs);
  const level = failure.retryable ? 'error' : 'info';
  log[level]({ ...fields, code: failure.code, status: failed.status, error }, 'request failed');
}
