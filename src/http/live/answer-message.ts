import type { Caller } from '../../domain/caller.ts';
import { cancelRequest } from '../../services/requests.ts';
import { submitRequest } from '../../services/submit-request.ts';
import type { ClientMessage } from '../schemas/ws-messages.ts';
import { toRequestOrder, type FailurePorts } from '../schemas/request.ts';
import { toMessageError } from './event-message.ts';
import type { MessageSender } from './message-sender.ts';

export type MessagePorts = Parameters<typeof submitRequest>[0] &
  Parameters<typeof cancelRequest>[0] &
  FailurePorts;

/** Does what a message asks for. @throws whatever the use cases throw */
export async function answerMessage(
  ports: MessagePorts,
  sender: MessageSender,
  caller: Caller,
  message: ClientMessage,
): Promise<void> {
  switch (message.type) {
    case 'ping':
      sender.reply({ type: 'pong', id: message.id });
      return;
    case 'request':
      await request(ports, sender, caller, message);
      return;
    case 'subscribe':
      await sender.watches.begin(caller, message.request_id, message.since);
      return;
    case 'unsubscribe':
      sender.forget(message.request_id);
      await sender.watches.end(message.request_id);
      return;
    case 'cancel':
      await cancel(ports, sender, caller, message.request_id);
  }
}

async function request(
  ports: MessagePorts,
  sender: MessageSender,
  caller: Caller,
  message: Extract<ClientMessage, { type: 'request' }>,
): Promise<void> {
  // What answers at once is not watched.
  if (ports.actions.queued.has(message.action)) await sender.watches.checkRoom();
  const { id } = message;
  const order = { ...toRequestOrder(message), connectionId: sender.connectionId };
  const submitted = await submitRequest(ports, caller, order, sender.signal);
  if (submitted.kind !== 'queued') {
    const answered = { type: 'response', id, request_id: submitted.requestId } as const;
    if (submitted.kind === 'done') sender.reply({ ...answered, success: true, data: submitted.result });
    else {
      const error = toMessageError(sender.toAppError(submitted.error));
      sender.reply({ ...answered, success: false, data: null, error });
    }
    return;
  }
  const { requestId, seq } = submitted.request;
  sender.reply({
    type: 'acknowledgment',
    id,
    request_id: requestId,
    status: 'queued',
    message: 'The request is queued.',
  });
  // One that was asked for before may be further on.
  await sender.watches.begin(caller, requestId, seq === 1 ? seq : undefined);
}

async function cancel(
  ports: MessagePorts,
  sender: MessageSender,
  caller: Caller,
  requestId: string,
): Promise<void> {
  const isWatched = await sender.watches.has(requestId);
  const cancelled = await cancelRequest(ports, caller, requestId);
  // Who watches it has been told.
  if (!isWatched) sender.tell(cancelled);
}
