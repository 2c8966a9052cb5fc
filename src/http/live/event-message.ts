import type { AppError } from '../../domain/app-error.ts';
import type { AsyncRequest, JsonObject, RequestStatus } from '../../domain/request.ts';
import { showDebugFiles } from '../../services/debug-files.ts';
import { eventTypeOf } from '../../services/share-states.ts';
import { toWireTime } from '../schemas/paging.ts';
import { toWireAttempts, toWireResult, type FailurePorts } from '../schemas/request.ts';
import { toTextFrame } from './text-frame.ts';

/** The error of a message. */
export interface MessageError {
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** What a subscriber is told of a state: of a WebSocket a message, of a stream of events the data. */
export type EventMessage = {
  readonly request_id: string;
  readonly seq: number;
  readonly metadata?: JsonObject | undefined;
  readonly timestamp: string;
} & (
  | { readonly type: 'progress'; readonly percentage: number; readonly message: string }
  | { readonly type: 'complete'; readonly result: unknown }
  | { readonly type: 'error'; readonly error: MessageError }
);

/** For states of which the work itself has said nothing yet. */
const UNSAID: Readonly<Partial<Record<RequestStatus, string>>> = {
  PENDING: 'Waiting for a worker.',
  PROCESSING: 'At work.',
};

/** `ports.clock` tells the time of the event, where the state has none of its own. */
export function toEventMessage(ports: FailurePorts, request: AsyncRequest): EventMessage {
  const nowMs = ports.clock();
  const { requestId, seq, metadata, progressDetails } = request;
  const event = {
    request_id: requestId,
    seq,
    ...(metadata !== undefined && { metadata }),
    timestamp: toWireTime(request.endedAtMs ?? nowMs),
  };
  const type = eventTypeOf(request);
  if (type === 'complete') return { type, ...event, result: toWireResult(request) };
  if (type === 'error') return { type, ...event, error: errorOf(ports, request) };
  return {
    type,
    ...event,
    ...(progressDetails !== undefined && { metadata: { ...metadata, ...progressDetails } }),
    percentage: request.progress,
    message: progressMessage(request, nowMs),
  };
}

function progressMessage(request: AsyncRequest, nowMs: number): string {
  const { status, error, retryCount } = request;
  if (status !== 'RETRYING') {
    return request.progressMessage === '' ? (UNSAID[status] ?? '') : request.progressMessage;
  }
  const seconds = Math.max(0, Math.ceil((request.visibleAtMs - nowMs) / 1000));
  const reason = error === undefined ? '' : ` (${error.code}: ${error.message})`;
  return `Attempt ${retryCount} failed${reason}; trying again in ${seconds} s.`;
}

function errorOf(ports: FailurePorts, { status, error }: AsyncRequest): MessageError {
  if (status === 'CANCELLED') return { code: 'cancelled', message: 'The request was cancelled.' };
  if (error === undefined) return { code: 'internal', message: 'The request failed.' };
  const details = {
    ...(error.errors !== undefined && { errors: error.errors }),
    ...(error.attempts !== undefined && { attempts: toWireAttempts(error.attempts) }),
    ...showDebugFiles(ports, error),
  };
  return {
    code: error.code,
    message: error.message,
    ...(Object.keys(details).length > 0 && { details }),
  };
}

/** A refusal, or what an action answered with at once. */
export function toMessageError(error: AppError): MessageError {
  const details = { ...error.details, ...(error.errors.length > 0 && { errors: error.errors }) };
  return {
    code: error.code,
    message: error.message,
    ...(Object.keys(details).length > 0 && { details }),
  };
}

/** By state, of which all who watch are told the same object: what they are sent is made once, however many they are. */
const texts = new WeakMap<AsyncRequest, string>();
const frames = new WeakMap<AsyncRequest, Buffer>();

/** The message as JSON, without a line break. */
export function eventText(ports: FailurePorts, request: AsyncRequest): string {
  const known = texts.get(request);
  if (known !== undefined) return known;
  const text = JSON.stringify(toEventMessage(ports, request));
  texts.set(request, text);
  return text;
}

/** The message as it goes over a WebSocket. */
export function eventFrame(ports: FailurePorts, request: AsyncRequest): Buffer {
  const known = frames.get(request);
  if (known !== undefined) return known;
  const frame = toTextFrame(eventText(ports, request));
  frames.set(request, frame);
  return frame;
}
