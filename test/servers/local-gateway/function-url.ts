import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { AnswerHead } from '../../../src/http/lambda/answer-event.ts';
import { functionUrlEvent } from './function-url-event.ts';
import type { LambdaFunction } from './lambda-function.ts';

export interface FunctionUrlLimits {
  /** Of the event, as JSON. */
  readonly maxEventBytes: number;
  /** Of a streamed answer. */
  readonly maxAnswerBytes: number;
  /** So much streams as fast as it can, */
  readonly burstBytes: number;
  /** the rest no faster than this; 0: as fast as it can. */
  readonly bytesPerSecond: number;
}

const MIB = 1024 * 1024;

export const LAMBDA_LIMITS: FunctionUrlLimits = {
  maxEventBytes: 6 * MIB,
  maxAnswerBytes: 200 * MIB,
  burstBytes: 6 * MIB,
  bytesPerSecond: 0,
};

/** A function URL on loopback (`InvokeMode: RESPONSE_STREAM`), with Lambda's limits: for tests. */
export interface FunctionUrl {
  /** Put onto requests that bring none: for suites that were written for a server that asks nobody. */
  authorization: string | undefined;
  readonly url: string;
  /** Invocations whose client is still there, or no more. */
  readonly underWay: number;
  /** What invocations failed with. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

/** @param getFunction asked for with each request: its environment may have to know the address */
export async function startFunctionUrl(
  getFunction: () => LambdaFunction,
  limits: FunctionUrlLimits = LAMBDA_LIMITS,
): Promise<FunctionUrl> {
  const underWay = new Set<Promise<void>>();
  const failures: string[] = [];
  const added: { authorization?: string | undefined } = {};
  const server = createServer((request, response) => {
    if (added.authorization !== undefined && !hasCredentials(request)) {
      request.headersDistinct['authorization'] = [added.authorization];
    }
    const answered = answer(getFunction(), request, response, limits).catch((error: unknown) => {
      failures.push(String(error));
      if (!response.headersSent) refuse(response, 502, 'Internal Server Error');
      // The rest is missing, and the client must see it.
      else response.destroy();
    });
    underWay.add(answered);
    void answered.then(() => underWay.delete(answered));
  });
  // As the platform's front door does; a client that was busy for longer than Node's 5 s would write to what is closed.
  server.keepAliveTimeout = 65_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    failures,
    get authorization() {
      return added.authorization;
    },
    set authorization(value) {
      added.authorization = value;
    },
    get underWay() {
      return underWay.size;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await Promise.all(underWay);
    },
  };
}

const hasCredentials = ({ headers, url = '' }: IncomingMessage): boolean =>
  headers.authorization !== undefined || headers.cookie !== undefined || /[?&]token=/.test(url);

async function answer(
  lambda: LambdaFunction,
  request: IncomingMessage,
  response: ServerResponse,
  limits: FunctionUrlLimits,
): Promise<void> {
  const body = await bodyOf(request, limits.maxEventBytes);
  if (body === null) return;
  const sourceIp = request.socket.remoteAddress ?? '127.0.0.1';
  const event = functionUrlEvent(request, body, sourceIp);
  if (Buffer.byteLength(JSON.stringify(event)) > limits.maxEventBytes) {
    refuse(response, 413, 'Request must be smaller than 6291456 bytes for the InvokeFunction operation');
    return;
  }
  const pace = createPace(limits);
  await lambda.invoke(event, {
    head: (head) => writeHead(response, JSON.parse(head) as AnswerHead),
    async data(bytes) {
      // Whoever has gone does not stop the function: it writes to the platform, which throws it away.
      if (!pace.allows(bytes.length)) response.destroy();
      await pace.wait();
      if (response.destroyed || response.write(bytes)) return;
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
    },
  });
  response.end();
}

function writeHead(response: ServerResponse, { statusCode, headers, cookies }: AnswerHead): void {
  response.writeHead(statusCode, { ...headers, ...(cookies.length > 0 && { 'set-cookie': [...cookies] }) });
  // As bytes: a head that goes alone would be written as text, and not as the bytes that its characters stand for.
  response.write(Buffer.alloc(0));
}

function refuse(response: ServerResponse, status: number, Message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ Message }));
}

/** null when the client has gone. Of one that is too long, enough to be told. */
async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length;
      if (bytes <= maxBytes + 1) chunks.push(chunk as Buffer);
    }
  } catch {
    return null;
  }
  return bytes > maxBytes ? Buffer.alloc(maxBytes + 1) : Buffer.concat(chunks);
}

function createPace({ maxAnswerBytes, burstBytes, bytesPerSecond }: FunctionUrlLimits) {
  let sentBytes = 0;
  const startedMs = performance.now();
  return {
    allows(bytes: number): boolean {
      sentBytes += bytes;
      return sentBytes <= maxAnswerBytes;
    },
    async wait(): Promise<void> {
      if (bytesPerSecond === 0) return;
      const dueMs = startedMs + (Math.max(0, sentBytes - burstBytes) / bytesPerSecond) * 1000;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await setTimeout(waitMs);
    },
  };
}
