import type { AppError } from '../../domain/app-error.ts';
import type { Caller } from '../../domain/caller.ts';
import type { AsyncRequest } from '../../domain/request.ts';
import type { MessageId } from '../schemas/ws-messages.ts';
import type { MessageError } from './event-message.ts';

/** What the server says by itself or in answer, beside the events of requests. */
export type ServerMessage =
  | {
      readonly type: 'acknowledgment';
      readonly id?: MessageId | undefined;
      readonly request_id: string;
      readonly status: 'queued';
      readonly message: string;
    }
  | {
      readonly type: 'response';
      readonly id?: MessageId | undefined;
      readonly request_id: string;
      readonly success: boolean;
      readonly data: unknown;
      readonly error?: MessageError | undefined;
    }
  | {
      readonly type: 'error';
      readonly id?: MessageId | undefined;
      readonly request_id?: string | undefined;
      readonly error: MessageError;
      readonly timestamp: string;
    }
  | { readonly type: 'pong'; readonly id?: MessageId | undefined };

/** What a client is subscribed to, each request once. */
export interface Watching {
  has(requestId: string): boolean | Promise<boolean>;
  /** @throws rate_limited when there is no room for another */
  checkRoom(): void | Promise<void>;
  /** Tells what came after `since`, and then each state. Takes the place of a watch of the same request.
   * @throws not_found for requests of others too; rate_limited */
  begin(caller: Caller, requestId: string, since: number | undefined): Promise<void>;
  /** Idempotent. */
  end(requestId: string): Promise<void>;
}

/** Whom a message came from: a WebSocket of this process, or one that a gateway holds. */
export interface MessageSender {
  readonly connectionId: string;
  readonly watches: Watching;
  /** Aborted when the connection ends. */
  readonly signal: AbortSignal;
  reply(message: ServerMessage): void;
  /** Leaves out what waits to be told of a request. */
  forget(requestId: string): void;
  /** Tells a state of a request that is not watched. */
  tell(state: AsyncRequest): void;
  /** As an error whose message may be shown; what is the server's own fault is logged. */
  toAppError(error: unknown): AppError;
}
