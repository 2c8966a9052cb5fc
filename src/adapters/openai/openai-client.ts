import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { abortedError, throwIfAborted } from '../../domain/abort.ts';
import { AppError, isAppError } from '../../domain/app-error.ts';
import type { Log } from '../../domain/log.ts';
import { failureOf, readRefusal, type OpenAiRefusal } from './openai-failure.ts';

/** A server that speaks OpenAI's protocol. */
export interface OpenAiConnection {
  /** Up to and with its version, without a slash at the end: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Servers of one's own need none. */
  readonly apiKey: string | undefined;
  readonly log: Log;
}

export interface OpenAiBody {
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface OpenAiRequest {
  /** After the address: `/audio/speech`. */
  readonly path: string;
  /** null: a GET. */
  readonly body: OpenAiBody | null;
  /** For all of it: to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What a refusal means here, where it is not what failureOf makes of it. */
  readonly explain?: ((refusal: OpenAiRefusal) => AppError | null) | undefined;
}

export interface OpenAiAnswer {
  /** In lower case, without parameters; empty when none is named. */
  readonly contentType: string;
  /** To be iterated once. Throws as openAiRequest does; left early, the connection is closed. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

export function jsonBody(value: unknown): OpenAiBody {
  const bytes = Buffer.from(JSON.stringify(value));
  return { contentType: 'application/json', sizeBytes: bytes.length, chunks: [bytes] };
}

/**
 * One request, on a connection of its own: none that has idled is found closed. Redirects are not followed.
 *
 * Not by way of fetch, which gives up on a server that thinks for five minutes before it answers.
 * @throws engine_unavailable, engine_refused, engine_timeout, aborted as speech-to-text.ts has them, and what `explain` gives
 */
export async function openAiRequest(server: OpenAiConnection, request: OpenAiRequest): Promise<OpenAiAnswer> {
  const { signal, timeoutMs, explain } = request;
  throwIfAborted(signal);
  const deadline = AbortSignal.timeout(timeoutMs);
  const translate = (cause: unknown): AppError => {
    if (signal.aborted) return abortedError(signal);
    if (deadline.aborted) return new AppError('engine_timeout', 'The speech engine did not answer in time.');
    if (isAppError(cause)) return cause;
    server.log.warn(
      { engine: 'openai', path: request.path, code: codeOf(cause) },
      'a speech engine is not reached',
    );
    return new AppError('engine_unavailable', 'The speech engine cannot be reached at the moment.', {
      cause,
    });
  };
  try {
    const response = await send(server, request, AbortSignal.any([signal, deadline]));
    const { statusCode = 0, headers } = response;
    if (statusCode >= 200 && statusCode < 300) {
      const [contentType = ''] = (headers['content-type'] ?? '').split(';');
      return { contentType: contentType.trim().toLowerCase(), chunks: readChunks(response, translate) };
    }
    const refusal = await readRefusal(response);
    response.destroy();
    const { status, code, param } = refusal;
    const detail = refusal.messageWithout(server.apiKey);
    const failure = explain?.(refusal) ?? failureOf(refusal);
    server.log.warn(
      { engine: 'openai', path: request.path, status, code, param, detail, error: failure.code },
      'a speech engine does not do what it is asked',
    );
    throw failure;
  } catch (error) {
    throw translate(error);
  }
}

/** @returns the head of the answer, which may come before all is sent */
async function send(
  { baseUrl, apiKey }: OpenAiConnection,
  { path, body }: OpenAiRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const url = new URL(`${baseUrl}${path}`);
  const outgoing = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: body === null ? 'GET' : 'POST',
    agent: false,
    signal,
    headers: {
      ...(body !== null && { 'content-type': body.contentType, 'content-length': body.sizeBytes }),
      'user-agent': 'earshot',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
  });
  return new Promise((resolve, reject) => {
    outgoing.on('response', resolve).on('error', reject);
    // Who answers before it has read all may close the connection; then the answer counts.
    pipeline(body?.chunks ?? [], outgoing).catch(reject);
  });
}

async function* readChunks(
  response: IncomingMessage,
  translate: (cause: unknown) => AppError,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Uint8Array;
  } catch (error) {
    throw translate(error);
  } finally {
    response.destroy();
  }
}

/**
 * The whole of a short answer.
 * @throws engine_unavailable when it is longer than `maxBytes`
 */
export async function readWhole({ chunks }: OpenAiAnswer, maxBytes: number): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) {
      throw new AppError('engine_unavailable', 'The speech engine answers with more than can be read.');
    }
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : error instanceof Error
      ? error.name
      : 'unknown';
}
