import { AppError, ValidationError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import { parsePayload } from '../domain/payload-schema.ts';
import type { AsyncRequest, JsonObject, JsonValue } from '../domain/request.ts';
import { isStorableJson, MAX_JSON_DEPTH } from '../domain/stored-field.ts';
import type { QueuedAction, RequestOrigin } from './actions/action.ts';
import { authorize } from './authorize.ts';
import type { Ports } from './ports.ts';

export interface RequestOrder {
  readonly action: string;
  readonly payload?: unknown;
  readonly metadata?: JsonObject | undefined;
  readonly connectionId?: string | undefined;
}

/** `done` and `failed`: the action has answered, or thrown; no request of this id is kept. */
export type SubmittedRequest =
  | { readonly kind: 'done'; readonly requestId: string; readonly action: string; readonly result: JsonValue }
  | { readonly kind: 'failed'; readonly requestId: string; readonly action: string; readonly error: unknown }
  | { readonly kind: 'queued'; readonly request: AsyncRequest };

type SubmitPorts = Pick<Ports, 'actions' | 'queue' | 'newId' | 'log' | 'wakeWorkers'>;

/** A record of the queue holds 400 KB in one of the homes, with all else that is in it. */
const MAX_PAYLOAD_BYTES = 256 * 1024;
const MAX_METADATA_BYTES = 4 * 1024;

/**
 * Does what a client asks for: at once where the action is a short one, else by way of the queue.
 * @throws invalid_input for an unknown action, naming the known ones, and for each field that is off; too_large;
 * unauthorized, forbidden; what a queued action throws before it is in the queue
 */
export async function submitRequest(
  ports: SubmitPorts,
  caller: Caller | null,
  order: RequestOrder,
  signal: AbortSignal,
): Promise<SubmittedRequest> {
  // Before the name is looked up: strangers do not learn which actions there are.
  authorize(caller, caller?.scopes.includes('write') === true ? 'write' : 'read');
  const action = ports.actions.get(order.action);
  const owner = authorize(caller, action.permission);
  checkStorable('payload', order.payload, MAX_PAYLOAD_BYTES);
  checkStorable('metadata', order.metadata, MAX_METADATA_BYTES);
  const payload = await parsePayload(action.payload, order.payload ?? {});
  if (action.kind === 'immediate') {
    const answered = { requestId: ports.newId(), action: action.name };
    try {
      return { kind: 'done', ...answered, result: await action.answer(owner, payload, signal) };
    } catch (error) {
      return { kind: 'failed', ...answered, error };
    }
  }
  const { connectionId, metadata } = order;
  return enqueue(ports, owner, action, payload, { connectionId, metadata });
}

async function enqueue(
  ports: SubmitPorts,
  owner: Caller,
  action: QueuedAction<unknown>,
  payload: unknown,
  origin: RequestOrigin,
): Promise<SubmittedRequest> {
  if (action.submit === undefined) {
    const request = await ports.queue.enqueue({
      requestId: ports.newId(),
      action: action.name,
      payload: payload as JsonValue,
      userId: owner.userId,
      tenantId: owner.tenantId,
      maxRetries: action.retry.maxRetries,
      ...origin,
    });
    ports.wakeWorkers();
    const { requestId, userId, tenantId } = request;
    ports.log.info({ requestId, action: action.name, userId, tenantId }, 'request accepted');
    return { kind: 'queued', request };
  }
  const submission = await action.submit(owner, payload, origin);
  if (submission.kind === 'done') {
    return { ...submission, requestId: ports.newId(), action: action.name };
  }
  const request = await ports.queue.find(submission.requestId);
  if (request === null) throw new AppError('conflict', 'The request was deleted as soon as it was made.');
  return { kind: 'queued', request };
}

function checkStorable(field: string, value: unknown, maxBytes: number): void {
  if (value === undefined) return;
  if (Buffer.byteLength(asJson(field, value)) > maxBytes) {
    throw new AppError('too_large', `The ${field} is larger than ${maxBytes / 1024} KB.`, {
      errors: [{ field, message: `At most ${maxBytes} bytes as JSON.` }],
    });
  }
  if (!isStorableJson(value)) {
    const message = `No number beyond ±${Number.MAX_SAFE_INTEGER}, and at most ${MAX_JSON_DEPTH} levels.`;
    throw new ValidationError(field, message);
  }
}

function asJson(field: string, value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ValidationError(field, 'This is nested too deeply.', { cause: error });
  }
}
