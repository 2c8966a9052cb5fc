import { AppError, type ErrorCode } from '../../domain/app-error.ts';
import type { Caller } from '../../domain/caller.ts';
import type { Log } from '../../domain/log.ts';
import type { PayloadSchema } from '../../domain/payload-schema.ts';
import type { AsyncRequest, JsonObject, JsonValue, RequestFailure } from '../../domain/request.ts';
import type { Permission } from '../authorize.ts';
import { debugPart, hasDebugFiles } from '../debug-details.ts';

/** What a handler knows about the run that it is in. */
export interface ActionContext {
  /** Aborted when the request is cancelled, when its lease is lost and when the worker stops: the handler then ends as
   * soon as it can. */
  readonly signal: AbortSignal;
  /** Names the request in every line. */
  readonly log: Log;
  /** Whether no retry is left: a failure that could be retried is now the last word. */
  readonly isLastAttempt: boolean;
  /** 0 to 100, a sentence, and what else a client may want to know: details of more than 16 KB are left out. Never
   * throws; not every call is written. */
  readonly report: (percentage: number, message: string, details?: JsonObject) => void;
}

/**
 * Does the work of a request. It may be run again after a crash at any moment, by another worker, and must then come to
 * the same end. What it resolves to is the request's result; an error becomes its failure, by `failureOf`.
 */
export type ActionHandler = (request: AsyncRequest, context: ActionContext) => Promise<JsonValue>;

/** How a failure that trying again can help is tried again. */
export interface RetryPolicy {
  readonly maxRetries: number;
  /** The longest pause before the first retry; it doubles with each further one. */
  readonly firstDelayMs: number;
  /** No pause is longer. */
  readonly lastDelayMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { maxRetries: 3, firstDelayMs: 2000, lastDelayMs: 120_000 };

/** Which connection asks, and what it wants to have back with every event. */
export interface RequestOrigin {
  readonly connectionId?: string | undefined;
  readonly metadata?: JsonObject | undefined;
}

/** What came of an order: a request in the queue, or the result where there is nothing left to do. */
export type Submission =
  | { readonly kind: 'queued'; readonly requestId: string }
  | { readonly kind: 'done'; readonly result: JsonValue };

interface Describable<Payload> {
  /** In the wire's own style: `generate_tts`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** What a caller needs to ask for it. */
  readonly permission: Permission;
  /** What a client sends. */
  readonly payload: PayloadSchema<Payload>;
}

/** Answers at once, in the process that is asked. */
export interface ImmediateAction<Payload> extends Describable<Payload> {
  readonly kind: 'immediate';
  answer(caller: Caller, payload: Payload, signal: AbortSignal): Promise<JsonValue>;
}

/** Is queued, and worked on by whichever worker comes first. */
export interface QueuedAction<Payload> extends Describable<Payload> {
  readonly kind: 'queued';
  /** How long one takes as a rule: what a client may show before the first progress. */
  readonly expectedMs: number;
  /** Runs at once in one process; undefined for no limit but the worker's own. */
  readonly concurrency?: number | undefined;
  readonly retry: RetryPolicy;
  /** Brings the order into the queue where that takes more than to store the payload. */
  submit?(caller: Caller, payload: Payload, origin: RequestOrigin): Promise<Submission>;
  /** @throws conflict when a request that has ended cannot be begun anew, since what it needs is gone */
  checkRetry?(request: AsyncRequest): Promise<void>;
  /** Clears away what a cancelled request leaves. The handler may still be at its end. */
  onCancelled?(request: AsyncRequest): Promise<void>;
  /** Settles what is left of a request that was FAILED since its workers died, time after time. */
  onGivenUp?(request: AsyncRequest): Promise<void>;
  /** Clears away what a completed request leaves. Not called where the worker dies just then: a sweep has to do it. */
  onCompleted?(request: AsyncRequest): Promise<void>;
  readonly handle: ActionHandler;
}

export type Action<Payload = unknown> = ImmediateAction<Payload> | QueuedAction<Payload>;

/** Codes of what passes by itself, or after somebody has made room. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'storage_unavailable',
  'insufficient_storage',
  'tool_unavailable',
  'engine_unavailable',
  'engine_timeout',
  'internal',
]);

/** A request tells of up to 20 attempts, beside its payload and its result. */
export const MAX_MESSAGE_LENGTH = 500;
const MAX_FIELD_ERRORS = 50;

/** What a request says about the error that ended it. Only an AppError's message is for the user. */
export function failureOf(error: unknown): RequestFailure {
  const details = error instanceof AppError && hasDebugFiles(error.details) ? debugPart(error.details) : null;
  if (error instanceof AppError && error.code !== 'internal') {
    const { code, errors } = error;
    const message = error.message.slice(0, MAX_MESSAGE_LENGTH);
    const told = errors.slice(0, MAX_FIELD_ERRORS);
    return {
      code,
      message,
      retryable: RETRYABLE.has(code),
      ...(told.length > 0 && { errors: told }),
      ...(details !== null && { details }),
    };
  }
  const message = 'Something went wrong inside the server.';
  return { code: 'internal', message, retryable: true, ...(details !== null && { details }) };
}
