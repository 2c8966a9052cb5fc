import { AppError } from '../../domain/app-error.ts';
import type { Caller } from '../../domain/caller.ts';
import type { Log } from '../../domain/log.ts';
import type { RealTimeCounters, ReceivedType } from '../real-time-metrics.ts';
import type { FailurePorts } from '../schemas/request.ts';
import { toWireTime } from '../schemas/paging.ts';
import { readClientMessage, type MessageId } from '../schemas/ws-messages.ts';
import { answerMessage, type MessagePorts } from './answer-message.ts';
import { toMessageError } from './event-message.ts';
import type { MessageSender, ServerMessage } from './message-sender.ts';

/** A client whose messages are answered. */
export interface MessageReceiver extends MessageSender {
  readonly counters: Pick<RealTimeCounters, 'received'>;
  /** As it was when it connected. */
  readonly caller: Caller;
  /** As of a moment ago; null when its session or key does not hold any more. @throws storage_unavailable */
  currentCaller(): Promise<Caller | null>;
  readonly isEnded: boolean;
  end(reason: 'revoked'): void;
}

export interface ReceivedData {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** Each such piece of a message counts as one more message. */
const BYTES_A_MESSAGE = 32 * 1024;

/** What a message costs of those that a client may send. */
export const costOf = (sizeBytes: number): number => 1 + Math.floor(sizeBytes / BYTES_A_MESSAGE);

/** Answers what a client has sent, whatever it is. Throws nothing: what goes wrong is told to the client.
 * @returns what it was */
export async function receiveMessage(
  ports: MessagePorts,
  receiver: MessageReceiver,
  { data, isBinary }: ReceivedData,
): Promise<ReceivedType> {
  const read = readClientMessage(data, isBinary);
  if ('error' in read) {
    receiver.counters.received('invalid');
    receiver.reply(refusal(ports, read.error, read.id, read.requestId));
    return 'invalid';
  }
  const { message } = read;
  receiver.counters.received(message.type);
  try {
    const caller = message.type === 'ping' ? receiver.caller : await receiver.currentCaller();
    if (caller === null) receiver.end('revoked');
    else if (!receiver.isEnded) await answerMessage(ports, receiver, caller, message);
  } catch (error) {
    const requestId = 'request_id' in message ? message.request_id : undefined;
    receiver.reply(refusal(ports, receiver.toAppError(error), message.id, requestId));
  }
  return message.type;
}

/** What tells a client that something cannot be. */
export const refusal = (
  ports: Pick<FailurePorts, 'clock'>,
  error: AppError,
  id?: MessageId,
  requestId?: string,
): ServerMessage => ({
  type: 'error',
  id,
  request_id: requestId,
  error: toMessageError(error),
  timestamp: toWireTime(ports.clock()),
});

/** As an error whose message may be shown; what is the server's own fault is logged. */
export function shownError(log: Log, connectionId: string, error: unknown): AppError {
  if (error instanceof AppError && error.code !== 'internal') return error;
  log.error({ connectionId, error }, 'a message failed');
  return new AppError('internal', 'Something went wrong on our side.');
}
