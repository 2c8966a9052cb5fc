import { createHash } from 'node:crypto';
import { AppError } from '../domain/app-error.ts';
import type { Caller, Credential } from '../domain/caller.ts';
import { authenticateCredential, LOCAL_CALLER } from './authenticate.ts';
import { authorize } from './authorize.ts';
import type { Ports } from './ports.ts';
import { openSecret, sealSecret } from './sealed-secret.ts';

export const TICKET_LIFETIME_MS = 30_000;
const NAME = 'ws-ticket';
/** `sealSecret` marks what it sealed; in an address the mark says nothing. */
const MARK = 'sealed:v1:';

export interface WsTicket {
  /** Fit for an address. Opens one connection, once. */
  readonly ticket: string;
  readonly expiresAtMs: number;
}

interface TicketContent {
  /** Unique, so that it counts once. */
  readonly id: string;
  readonly expiresAtMs: number;
  /** Absent for whoever needs none: AUTH=off. */
  readonly credential?: Credential | undefined;
}

/**
 * A ticket for a WebSocket, for pages that cannot send headers with one: a session or a key never stands in an address.
 * It says, sealed, whom it is for, so that any instance can open it.
 * @throws unauthorized
 */
export function issueWsTicket(
  ports: Pick<Ports, 'clock' | 'newId' | 'secret'>,
  caller: Caller | null,
): WsTicket {
  const { credential } = authorize(caller, 'read');
  const expiresAtMs = ports.clock() + TICKET_LIFETIME_MS;
  const content: TicketContent = { id: ports.newId(), expiresAtMs, credential };
  return { ticket: sealSecret(ports.secret, NAME, JSON.stringify(content)).slice(MARK.length), expiresAtMs };
}

/**
 * Whom a ticket is for. Nobody else can use it afterwards.
 * @throws unauthorized when it is forged, has expired or was used before, or what it was issued for is revoked
 */
export async function redeemWsTicket(
  ports: Pick<Ports, 'clock' | 'secret' | 'idempotency' | 'sessions' | 'apiKeys' | 'users' | 'policy'>,
  ticket: string,
): Promise<Caller> {
  const content = openTicket(ports.secret, ticket);
  if (content === null || content.expiresAtMs <= ports.clock()) throw notValid();
  const key = createHash('sha256').update(`${NAME}\n${content.id}`).digest('hex');
  const usedBefore = await ports.idempotency.begin({
    key,
    fingerprint: key,
    // As long as the ticket could be shown again.
    expiresAtMs: content.expiresAtMs + TICKET_LIFETIME_MS,
  });
  if (usedBefore !== null) throw notValid();
  if (content.credential === undefined) {
    if (ports.policy.auth === 'off') return LOCAL_CALLER;
    throw notValid();
  }
  const caller = await authenticateCredential(ports, content.credential);
  if (caller === null) throw notValid();
  return caller;
}

function openTicket(secret: Uint8Array, ticket: string): TicketContent | null {
  try {
    return JSON.parse(openSecret(secret, NAME, MARK + ticket)) as TicketContent;
  } catch {
    // Not one of ours, whatever is wrong with it.
    return null;
  }
}

const notValid = (): AppError =>
  new AppError('unauthorized', 'This ticket has expired, was used before, or is none.');
