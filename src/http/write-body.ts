import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { AppError, isAppError } from '../domain/app-error.ts';
import { goneSignal } from './gone-signal.ts';

/**
 * What the system holds for a client, up to 4 MB, is not seen from here: it takes more only once a third of that has
 * gone, 1.7 MB by measurement on Linux. Whoever takes it at playing speed, 16 KB a second, needs 107 s for that, and
 * who takes half as much three and a half minutes.
 */
export const DEFAULT_STALL_MS = 300_000;

export interface SendOptions {
  /** A client that takes nothing for this long is cut off. */
  readonly stallMs?: number | undefined;
}

export interface BodySource {
  /** Stops, and closes what it holds, when the signal is aborted. */
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Told of each chunk that has gone out and will not be looked at again. */
  giveBack?: ((chunk: Uint8Array) => void) | undefined;
}

/** A body of which the first chunk has been read. */
export interface BegunBody {
  readonly first: IteratorResult<Uint8Array>;
  readonly rest: AsyncIterator<Uint8Array>;
  readonly giveBack?: BodySource['giveBack'];
}

/**
 * Waits for the first chunk of a body, so that what cannot be read is an error and not a body cut short.
 * @param source the signal that it gets is aborted as soon as the client has gone
 * @throws what the source throws before its first chunk
 */
export async function beginBody(reply: FastifyReply, source: BodySource): Promise<BegunBody> {
  const gone = goneSignal(reply);
  const rest = source.open(gone)[Symbol.asyncIterator]();
  // Both: the signal ends a read that is under way, the return one that has paused.
  const leave = () => {
    if (!reply.raw.writableFinished) leaveIteration(reply, rest);
  };
  if (gone.aborted) leave();
  else reply.raw.once('close', leave);
  return { first: await rest.next(), rest, giveBack: source.giveBack };
}

/**
 * Writes a body to the raw response, past Fastify's hooks and streams, which cost more than the bytes do: each chunk as
 * soon as the client has taken the one before. An error midway cuts the connection and is logged: the body is never
 * completed with other bytes.
 *
 * The status and the headers are those that the reply has by now.
 * @param lengthBytes what was announced; undefined for a body without end
 */
export function writeBody(
  request: FastifyRequest,
  reply: FastifyReply,
  body: BegunBody,
  lengthBytes: number | undefined,
  { stallMs = DEFAULT_STALL_MS }: SendOptions,
): FastifyReply {
  const response = reply.hijack().raw;
  // Counts as progress whatever the socket takes, also a part of a chunk (net.Socket, 'timeout'). A reset, since the
  // system would go on offering what it still holds.
  response.setTimeout(stallMs, () => response.socket?.resetAndDestroy());
  if (lengthBytes === undefined) {
    // It ends with the connection: chunks would be four writes instead of one, and small players do not know them.
    response.removeHeader('transfer-encoding');
    void reply.header('connection', 'close');
  }
  response.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders);
  writeChunks(response, body, lengthBytes).then(
    (isWhole) => {
      if (isWhole) leaveIteration(reply, body.rest);
    },
    (error: unknown) => {
      if (!response.destroyed && !isAppError(error, 'aborted')) {
        request.log.error({ err: error }, 'the body broke off');
      }
      // After what has been written in this turn: it is right, and shows the client that the rest is missing.
      setImmediate(() => {
        if (lengthBytes === undefined) response.socket?.resetAndDestroy();
        else response.destroy();
      });
    },
  );
  return reply;
}

/**
 * @returns whether all was written, false when the client left
 * @throws what the source throws; internal when it gives another number of bytes: the announced length is a promise
 */
async function writeChunks(
  response: ServerResponse,
  { first, rest, giveBack }: BegunBody,
  lengthBytes = Infinity,
): Promise<boolean> {
  let wake: () => void = () => undefined;
  const goOn = () => wake();
  response.on('drain', goOn).on('close', goOn);
  let missingBytes = lengthBytes;
  let step = first;
  while (step.done !== true) {
    const chunk = step.value;
    missingBytes -= chunk.length;
    if (missingBytes < 0) break;
    // Called once the system has taken the chunk; with an error, nobody knows what is still being looked at.
    const written = giveBack && ((error?: Error | null) => (error ? undefined : giveBack(chunk)));
    if (missingBytes === 0) {
      response.end(chunk, written);
      return true;
    }
    const isTaken = response.write(chunk, written);
    // The next is read while this one goes out; of what has no end, it is not due before.
    const ahead = lengthBytes === Infinity ? undefined : rest.next();
    // Should it fail, whoever awaits it below is told; nobody does once the client has left.
    ahead?.catch(() => undefined);
    if (!isTaken && !response.destroyed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (response.destroyed) return false;
    step = await (ahead ?? rest.next());
  }
  throw new AppError('internal', `The body does not have the ${lengthBytes} bytes that were announced.`);
}

function leaveIteration(reply: FastifyReply, chunks: AsyncIterator<Uint8Array>): void {
  chunks.return?.().catch((error: unknown) => reply.log.warn({ err: error }, 'a body did not close'));
}
