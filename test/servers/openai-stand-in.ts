import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** What a handler is given: a request whose authorization is right. */
export interface StandInRequest {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface StandInAnswer {
  readonly status?: number;
  readonly contentType: string;
  readonly body: Buffer | string;
}

export type StandInHandler = (request: StandInRequest) => Promise<StandInAnswer>;

/**
 * Instead of an answer: one with another status, a half of it, none at all, something that is no JSON or audio, or a
 * closed connection.
 */
export type Fault =
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly error?: ApiError;
      readonly body?: object;
    }
  | 'cut'
  | 'mute'
  | 'malformed'
  | 'reset';

export interface ApiError {
  readonly message: string;
  readonly type: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

/** A server on loopback that speaks OpenAI's protocol, and refuses whatever is not in the form that OpenAI asks for. */
export interface OpenAiStandIn {
  /** With its version. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Method and path of all that has come, whatever became of it. */
  readonly received: string[];
  /** Requests that are open at the moment. */
  readonly open: () => number;
  /** What becomes of the next requests, one after the other. */
  misbehave(...faults: readonly Fault[]): void;
  stop(): Promise<void>;
}

export interface StandInOptions {
  /** By method and path: `POST /v1/audio/speech`. */
  readonly handlers: Readonly<Record<string, StandInHandler>>;
  readonly delayMs?: number;
  /** null: as a server of one's own, that asks for none. */
  readonly apiKey?: string | null;
}

const API_KEY = 'sk-test-0123456789';
const MAX_BODY_BYTES = 26 * 1024 * 1024;

export const refused = (status: number, error: ApiError): StandInAnswer => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify({ error: { param: null, code: null, ...error } }),
});

export const invalidRequest = (message: string, param: string | null = null): StandInAnswer =>
  refused(400, { message, type: 'invalid_request_error', param });

export async function startOpenAiStandIn(options: StandInOptions): Promise<OpenAiStandIn> {
  const { handlers, delayMs = 0, apiKey = API_KEY } = options;
  const received: string[] = [];
  const faults: Fault[] = [];
  let open = 0;

  const answerTo = async (request: IncomingMessage): Promise<StandInAnswer> => {
    const body = await readBody(request);
    if (body === null) return invalidRequest('Maximum content size limit (26214400) exceeded');
    const { authorization } = request.headers;
    if (authorization !== (apiKey === null ? undefined : `Bearer ${apiKey}`)) {
      return refused(401, {
        message: `Incorrect API key provided: ${(authorization ?? '').slice(7)}.`,
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      });
    }
    const handler = handlers[`${request.method} ${request.url}`];
    if (handler === undefined) return invalidRequest(`Invalid URL (${request.method} ${request.url})`);
    if (request.method !== 'GET' && Number(request.headers['content-length']) !== body.length)
      return invalidRequest('No content-length.');
    return handler({ headers: request.headers, body });
  };

  const server = createServer((request, response) => {
    open += 1;
    response.once('close', () => (open -= 1));
    received.push(`${request.method} ${request.url}`);
    const fault = faults.shift();
    if (fault === 'reset') {
      request.socket.destroy();
      return;
    }
    answerTo(request)
      .then(async (answer) => {
        await setTimeout(delayMs);
        if (fault !== 'mute') send(response, fault, answer);
      })
      .catch((error: unknown) => {
        // The client has gone, or a handler is wrong: neither must pass for an answer.
        response.destroy(error as Error);
      });
  });
  const port = await listen(server);
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey: apiKey ?? '',
    received,
    open: () => open,
    misbehave: (...more) => faults.push(...more),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(
  response: ServerResponse,
  fault: Exclude<Fault, 'mute' | 'reset'> | undefined,
  answer: StandInAnswer,
): void {
  if (fault === 'malformed') {
    response.writeHead(200, { 'content-type': answer.contentType }).end('{"text": "she had a sm');
  } else if (fault === 'cut') {
    const body = Buffer.from(answer.body);
    response.writeHead(200, { 'content-type': answer.contentType, 'content-length': body.length });
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
  } else if (fault !== undefined) {
    const content = fault.body ?? (fault.error && { error: fault.error });
    const body = content === undefined ? '<html>' : JSON.stringify(content);
    response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(body);
  } else {
    response.writeHead(answer.status ?? 200, { 'content-type': answer.contentType }).end(answer.body);
  }
}

/** @returns null for one that is too long */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return sizeBytes > MAX_BODY_BYTES ? null : Buffer.concat(chunks);
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
