import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { connectInMemory } from './in-memory-connection.ts';
import { AppError } from '../../domain/app-error.ts';
import { PROBLEM_CONTENT_TYPE, problemHeaders, STATUS, toProblem } from '../problem.ts';
import { requestOfEvent, type EventRequest } from './function-url-request.ts';

/** What precedes the body of a streamed answer (`awslambda.HttpResponseStream.from`). */
export interface AnswerHead {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

export interface AnswerOptions {
  /** Of the answer, which begins with its head. */
  readonly begin: (head: AnswerHead) => Writable;
  /** Until the platform ends the function. */
  readonly remainingMs: () => number;
}

/** For what is left to do once the body has been cut: to close what it held, and to log it. */
const MARGIN_MS = 2000;

/** They concern the connection inside the process; the platform has its own. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'set-cookie',
]);

/**
 * Gives the event to the server as a request and its answer back, as it comes: with backpressure, and cut off shortly
 * before the function's time is over. When this has settled, nothing is sent or read for the request any more.
 *
 * @throws when an answer that has begun breaks off: the platform then cuts the client's connection
 */
export async function answerEvent(
  server: Server,
  event: LambdaFunctionURLEvent,
  { begin, remainingMs }: AnswerOptions,
): Promise<void> {
  const request = requestOfEvent(event);
  const connection = connectInMemory(server, request.sourceIp);
  const deadline = setTimeout(
    () => connection.destroy(new Error('The time of the function is over.')),
    Math.max(0, remainingMs() - MARGIN_MS),
  );
  try {
    const answer = await send(request, connection).catch((error: unknown) => {
      if (remainingMs() > MARGIN_MS) throw error;
      return null;
    });
    if (answer === null) refuse(event.requestContext.requestId, begin);
    else await pipeline(answer, opened(begin, headOf(answer)));
  } finally {
    clearTimeout(deadline);
    connection.destroy();
  }
}

/** The platform takes the head from the stream with the first write, be it empty: some answers have no other. */
function opened(begin: AnswerOptions['begin'], head: AnswerHead): Writable {
  const stream = begin(head);
  stream.write(Buffer.alloc(0));
  return stream;
}

function refuse(requestId: string, begin: AnswerOptions['begin']): void {
  const error = new AppError('aborted', 'This took longer than an answer may take here.');
  const headers = { ...problemHeaders(error), 'content-type': PROBLEM_CONTENT_TYPE };
  const body = JSON.stringify(toProblem(error, requestId));
  opened(begin, { statusCode: STATUS.aborted, headers, cookies: [] }).end(body);
}

function send(
  { method, path, headers, body }: EventRequest,
  connection: ReturnType<typeof connectInMemory>,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ method, path, headers, setHost: false, createConnection: () => connection });
    sent.once('response', resolve).on('error', reject);
    sent.end(body);
  });
}

function headOf({ statusCode = 500, headers, headersDistinct }: IncomingMessage): AnswerHead {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name));
  return {
    statusCode,
    headers: Object.fromEntries(kept.map(([name, value = '']) => [name, [value].flat().join(', ')])),
    cookies: headersDistinct['set-cookie'] ?? [],
  };
}
