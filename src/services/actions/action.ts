import { AppError } from '../../domain/app-error.ts';
import type { ErrorCode } from '../../domain/app-error.ts';
import type { AsyncRequest, JsonValue, RequestFailure } from '../../domain/request.ts';

/** What an action knows about the run that it is in. */
export interface ActionContext {
  /** Aborted when the lease is lost and when the worker stops: the action then ends as soon as it can. */
  readonly signal: AbortSignal;
  /** Whether no retry is left: a failure that could be retried is now the last word. */
  readonly isLastAttempt: boolean;
  /** 0 to 100 and a sentence. Never throws; not every call is written. */
  progress(percentage: number, message: string): void;
}

/**
 * One kind of queued work. It may be run again after a crash at any moment, by another worker, and must then come to
 * the same end. The result is what the request answers with; an error becomes its failure, by `failureOf`.
 */
export type Action<ActionPorts> = (
  ports: ActionPorts,
  request: AsyncRequest,
  context: ActionContext,
) => Promise<JsonValue>;

/** Codes of what passes by itself, or after somebody has made room. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'storage_unavailable',
  'insufficient_storage',
  'tool_unavailable',
  'internal',
]);

/** What a request says about the error that ended it. Only an AppError's message is for the user. */
export function failureOf(error: unknown): RequestFailure {
  if (error instanceof AppError && error.code !== 'internal') {
    return { code: error.code, message: error.message, retryable: RETRYABLE.has(error.code) };
  }
  return { code: 'internal', message: 'Something went wrong inside the server.', retryable: true };
}
