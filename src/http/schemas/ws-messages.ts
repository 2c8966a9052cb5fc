import { z } from 'zod';
import { AppError, ValidationError, type FieldError } from '../../domain/app-error.ts';
import type { JsonObject } from '../../domain/request.ts';
import { requestIdSchema, requestOrderShape } from './request.ts';

/** What a client says. */
export type ClientMessage = z.output<(typeof SCHEMAS)[keyof typeof SCHEMAS]>;

/** Chosen by the client, given back in the answer. */
const messageId = z.union([z.string().max(200), z.number()]);
export type MessageId = z.output<typeof messageId>;

// Fields that no schema names are left aside: whose message it is says the connection, whatever a message says.
const SCHEMAS = {
  request: z.object({ type: z.literal('request'), id: messageId.optional(), ...requestOrderShape }),
  subscribe: z.object({
    type: z.literal('subscribe'),
    id: messageId.optional(),
    request_id: requestIdSchema,
    since: z.int().min(0).optional(),
  }),
  unsubscribe: z.object({
    type: z.literal('unsubscribe'),
    id: messageId.optional(),
    request_id: requestIdSchema,
  }),
  cancel: z.object({ type: z.literal('cancel'), id: messageId.optional(), request_id: requestIdSchema }),
  ping: z.object({ type: z.literal('ping'), id: messageId.optional() }),
} as const;

const TYPES = Object.keys(SCHEMAS);

export const MAX_MESSAGE_BYTES = 128 * 1024;

/** A message, or what is wrong with it and what it is about, as far as that can be read. */
export type ReadMessage =
  | { readonly message: ClientMessage }
  | {
      readonly error: AppError;
      readonly id?: MessageId | undefined;
      readonly requestId?: string | undefined;
    };

export function readClientMessage(data: Buffer, isBinary: boolean): ReadMessage {
  if (isBinary) return { error: new AppError('unsupported_media', 'Messages are text, not binary.') };
  if (data.length > MAX_MESSAGE_BYTES) {
    return { error: new AppError('too_large', `A message has at most ${MAX_MESSAGE_BYTES} bytes.`) };
  }
  let value: unknown;
  try {
    value = JSON.parse(data.toString());
  } catch (error) {
    return { error: new AppError('invalid_input', 'The message is not JSON.', { cause: error }) };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { error: new AppError('invalid_input', 'A message is one JSON object.') };
  }
  return readObject(value as JsonObject);
}

function readObject(value: JsonObject): ReadMessage {
  const id = messageId.safeParse(value['id']).data;
  const requestId = requestIdSchema.safeParse(value['request_id']).data;
  const { type } = value;
  if (typeof type !== 'string' || !Object.hasOwn(SCHEMAS, type)) {
    return {
      id,
      requestId,
      error: new ValidationError('type', `There is no such message. Known are: ${TYPES.join(', ')}.`),
    };
  }
  const parsed = SCHEMAS[type as keyof typeof SCHEMAS].safeParse(value);
  if (parsed.success) return { message: parsed.data };
  const errors = parsed.error.issues.map(toFieldError);
  const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return { id, requestId, error: new AppError('invalid_input', detail.slice(0, 1000), { errors }) };
}

const toFieldError = ({ path, message }: z.core.$ZodIssue): FieldError => ({
  field: path.map(String).join('.'),
  message,
});
