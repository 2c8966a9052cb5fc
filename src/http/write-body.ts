import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OutgoingHttpHeaders } from 'node:http';
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
  /** From a byte on. Stops, and closes what it holds, when the signal is aborted. */
  readonly open: (signal: AbortSignal, fromByte: number) => AsyncIterable<Uint8Array>;
  /** What is in memory from a byte on, as far as that goes; `enoughBytes` are enough. */
  readonly findHeld?: ((fromByte: number, enoughBytes: number) => Uint8Array[]) | undefined;
  /** Of a body without a length: its end may be taken for the end of the audio. Else an end is a failure. */
  readonly mayEnd?: boolean | undefined;
  /** Told of each chunk that has gone out and will not be looked at again. */
  readonly giveBack?: ((chunk: Uint8Array) => void) | undefined;
}

/** A body of which the beginning is there. */
export interface BegunBody {
  readonly source: BodySource;
  readonly first: readonly Uint8Array[];
  /** Null as long as all was in memory. */
  readonly rest: AsyncIterator<Uint8Array> | null;
}

/** Written together; a connection holds at most as much, and a chunk. */
const HELD_AT_ONCE_BYTES = 512 * 1024;
/** The same of a few that have taken as much already: each time that a client must be waited for costs as much as to
 * send it 250 KB. Only a few, since what a client that takes nothing more was given is held for it. */
const MUCH_AT_ONCE_BYTES = 2 * 1024 * 1024;
const MAX_WITH_MUCH = 16;

let withMuch = 0;

/** How much a body may write together, from when it has been given more until that has been taken. */
class WriteShare {
  #hasMuch = false;

  /** @returns the bytes that it may write now */
  grow(): number {
    if (!this.#hasMuch && withMuch < MAX_WITH_MUCH) {
      this.#hasMuch = true;
      withMuch += 1;
    }
    return this.#hasMuch ? MUCH_AT_ONCE_BYTES : HELD_AT_ONCE_BYTES;
  }

  shrink(): void {
    if (this.#hasMuch) withMuch -= 1;
    this.#hasMuch = false;
  }
}

/**
 * What is in memory of the beginning of a body, or else its first chunk, so that what cannot be read is an error and not
 * a body cut short.
 * @throws what the source throws before its first chunk
 */
export async function beginBody(reply: FastifyReply, source: BodySource): Promise<BegunBody> {
  const held = source.findHeld?.(0, HELD_AT_ONCE_BYTES) ?? [];
  if (held.length > 0) return { source, first: held, rest: null };
  const rest = readFrom(0, reply, source);
  const step = await rest.next();
  return { source, first: step.done === true ? [] : [step.value], rest };
}

/** The signal that the source gets is aborted as soon as the client has gone. */
function readFrom(fromByte: number, reply: FastifyReply, source: BodySource): AsyncIterator<Uint8Array> {
  const gone = goneSignal(reply);
  const rest = source.open(gone, fromByte)[Symbol.asyncIterator]();
  // Both: the signal ends a read that is under way, the return one that has paused.
  const leave = () => {
    if (!reply.raw.writableFinished) leaveIteration(reply, rest);
  };
  if (gone.aborted) leave();
  else reply.raw.once('close', leave);
  return rest;
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
  writeChunks(reply, body, lengthBytes).catch((error: unknown) => {
    if (!response.destroyed && !isAppError(error, 'aborted')) {
      request.log.error({ err: error }, 'the body broke off');
    }
    // After what has been written in this turn: it is right, and shows the client that the rest is missing.
    setImmediate(() => {
      if (lengthBytes === undefined) response.socket?.resetAndDestroy();
      else response.destroy();
    });
  });
  return reply;
}

/**
 * Until all is written, or the client has left.
 * @throws what the source throws; internal when it gives another number of bytes: the announced length is a promise
 */
async function writeChunks(reply: FastifyReply, body: BegunBody, lengthBytes = Infinity): Promise<void> {
  const { source, first } = body;
  const { giveBack } = source;
  const response = reply.raw;
  let sentBytes = 0;
  let isTaken = true;
  const write = (chunk: Uint8Array) => {
    sentBytes += chunk.length;
    if (sentBytes > lengthBytes) throw otherLength(lengthBytes);
    // Called once the system has taken the chunk; with an error, nobody knows what is still being looked at.
    const written = giveBack && ((error?: Error | null) => (error ? undefined : giveBack(chunk)));
    if (sentBytes === lengthBytes) response.end(chunk, written);
    else isTaken = response.write(chunk, written);
  };
  // Node puts what is written in one turn, the head too, into one call of the system.
  first.forEach(write);
  if (sentBytes === lengthBytes && body.rest === null) return;

  let { rest } = body;
  let wake: () => void = () => undefined;
  const share = new WriteShare();
  const goOn = () => {
    share.shrink();
    wake();
  };
  response.on('drain', goOn).on('close', goOn);
  while (sentBytes < lengthBytes) {
    // The next is read while this one goes out; of what has no end, it is not due before.
    const ahead = lengthBytes === Infinity ? undefined : rest?.next();
    // Should it fail, whoever awaits it below is told; nobody does once the client has left.
    ahead?.catch(() => undefined);
    if (!isTaken && !response.destroyed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (response.destroyed) return;
    const held = rest === null ? source.findHeld?.(sentBytes, share.grow()) : undefined;
    if (held !== undefined && held.length > 0) {
      held.forEach(write);
      continue;
    }
    share.shrink();
    rest ??= readFrom(sentBytes, reply, source);
    const step = await (ahead ?? rest.next());
    if (step.done === true) {
      if (source.mayEnd !== true) throw otherLength(lengthBytes);
      response.end();
      return;
    }
    write(step.value);
  }
  if (rest !== null) leaveIteration(reply, rest);
}

const otherLength = (lengthBytes: number): AppError =>
  new AppError('internal', `The body does not have the ${lengthBytes} bytes that were announced.`);

function leaveIteration(reply: FastifyReply, chunks: AsyncIterator<Uint8Array>): void {
  chunks.return?.().catch((error: unknown) => reply.log.warn({ err: error }, 'a body did not close'));
}
