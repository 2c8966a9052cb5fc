import type { Server } from 'node:http';
import type { Writable } from 'node:stream';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';
import { answerEvent } from './answer-event.ts';

/** What the runtime of Lambda puts beside the globals of Node. */
type Runtime = Pick<typeof awslambda, 'streamifyResponse' | 'HttpResponseStream'>;

/**
 * The handler of a function whose URL streams (`InvokeMode: RESPONSE_STREAM`).
 * @param openServer once a process
 * @param afterAnswer what an answer has begun comes to its end before the process is frozen
 */
export function functionUrlHandler(
  runtime: Runtime,
  openServer: () => Promise<Server>,
  afterAnswer: () => Promise<void> = async () => undefined,
) {
  let server: Promise<Server> | undefined;
  return runtime.streamifyResponse(
    async (event: LambdaFunctionURLEvent, responseStream: Writable, context: Context) => {
      server ??= openServer();
      // Another event may find what this one has not: a service that is back.
      server.catch(() => (server = undefined));
      try {
        await answerEvent(await server, event, {
          begin: (head) => runtime.HttpResponseStream.from(responseStream, { ...head }),
          remainingMs: () => context.getRemainingTimeInMillis(),
        });
      } finally {
        await afterAnswer();
      }
    },
  );
}
