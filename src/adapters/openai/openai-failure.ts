import type { IncomingMessage } from 'node:http';
import { AppError } from '../../domain/app-error.ts';

/** An answer other than 2xx. */
export interface OpenAiRefusal {
  readonly status: number;
  /** `code` of OpenAI's error, else its `type`; empty where the server has none. */
  readonly code: string;
  /** The field that is wrong; empty where the server does not say. */
  readonly param: string;
  /** The server's own words, for decisions: never for a client. */
  readonly message: string;
  readonly retryAfterS: number | null;
  /** The message for the log: bounded, and without the key, a part of which OpenAI repeats. */
  messageWithout(apiKey: string | undefined): string;
}

const REFUSAL_BYTES = 65_536;
const LOGGED_CHARACTERS = 300;
const NAME_CHARACTERS = 100;
const MAX_RETRY_AFTER_S = 86_400;
/** Timeout, conflict, too early, too many requests. */
const PASSING = [408, 409, 425, 429];
/** Of OpenAI, under the status 429: no time will bring it back. */
const QUOTA_CODES = ['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active'];

/** Reads `{error: {message, type, param, code}}`, `{error: "message"}` or FastAPI's `{detail: "message"}`, if it is there. */
export async function readRefusal(response: IncomingMessage): Promise<OpenAiRefusal> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > REFUSAL_BYTES) break;
  }
  const body = parse(Buffer.concat(chunks).toString('utf8'));
  const error = member(body, 'error');
  const message = text(error) || text(member(error, 'message')) || text(member(body, 'detail'));
  return {
    status: response.statusCode ?? 0,
    code: (text(member(error, 'code')) || text(member(error, 'type'))).slice(0, NAME_CHARACTERS),
    param: text(member(error, 'param')).slice(0, NAME_CHARACTERS),
    message,
    retryAfterS: readRetryAfter(response.headers['retry-after'], Date.now()),
    messageWithout: (apiKey) => withoutKey(message, apiKey).slice(0, LOGGED_CHARACTERS),
  };
}

/** Whether it helps to come again, and when. */
export function failureOf({ status, code, retryAfterS }: OpenAiRefusal): AppError {
  if ((PASSING.includes(status) || status >= 500) && !QUOTA_CODES.includes(code)) {
    const details = retryAfterS === null ? {} : { retry_after_s: retryAfterS };
    return new AppError('engine_unavailable', 'The speech engine is down or overloaded.', { details });
  }
  return new AppError(
    'engine_refused',
    'The speech engine will not do this. The log of the server says more.',
  );
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - nowMs) / 1000;
  return Number.isNaN(seconds) ? null : Math.min(MAX_RETRY_AFTER_S, Math.max(0, Math.ceil(seconds)));
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // A proxy's page, or nothing: the status says enough.
    return null;
  }
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const withoutKey = (message: string, apiKey: string | undefined): string =>
  (apiKey === undefined ? message : message.replaceAll(apiKey, '…')).replace(/\bsk-\S+/g, '…');
