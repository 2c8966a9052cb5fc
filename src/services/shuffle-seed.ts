import { createHmac } from 'node:crypto';
import type { Caller } from '../domain/caller.ts';
import type { Policy, Ports } from './ports.ts';

/** What a request tells about the listener beside the caller. */
export interface ListenerTraits {
  /** The link token or `Authorization` of the request. */
  readonly credential?: string | undefined;
  readonly address: string;
  readonly userAgent: string;
}

/**
 * Who listens, for the shuffle: the session, else the token, else address and user agent (all that is known of a
 * player under `PLAYBACK=public`, and of everybody under `AUTH=off`).
 */
export function listenerOf(
  caller: Caller | null,
  traits: ListenerTraits,
  policy: Pick<Policy, 'auth'>,
): string {
  if (caller !== null && policy.auth === 'on') {
    if (caller.sessionId !== undefined) return JSON.stringify(['session', caller.sessionId]);
    if (traits.credential !== undefined) return listenerOfLink(traits.credential);
  }
  return JSON.stringify(['player', traits.address, traits.userAgent]);
}

/** Whoever bears a token, that of a link too. */
export const listenerOfLink = (credential: string): string => JSON.stringify(['token', credential]);

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The day turns when nobody listens: at 04:00. */
const TURN_MS = 4 * 60 * MINUTE_MS;

export interface ShuffleDay {
  readonly number: number;
  /** When it began. */
  readonly startMs: number;
}

/** The day of a moment, from 04:00 to 04:00 server time. */
export function shuffleDay(policy: Pick<Policy, 'utcOffsetMinutes'>, atMs: number): ShuffleDay {
  const offsetMs = policy.utcOffsetMinutes(atMs) * MINUTE_MS;
  const number = Math.floor((atMs + offsetMs - TURN_MS) / DAY_MS);
  // The offset of now, also on the two days a year on which it changes: the date is no later than now all the same.
  return { number, startMs: number * DAY_MS + TURN_MS - offsetMs };
}

export const dayBefore = ({ number, startMs }: ShuffleDay): ShuffleDay => ({
  number: number - 1,
  startMs: startMs - DAY_MS,
});

/** A uint32 that only the secret's holder can tell: of a stream, a listener and a day. */
export const listenerSeed = (
  ports: Pick<Ports, 'secret'>,
  tenantId: string,
  stream: string,
  listener: string,
  day: ShuffleDay,
): number => seedOf(ports.secret, ['shuffle', tenantId, stream, listener, day.number]);

/** The same for everybody and for ever, so that who joins a live stream is in step with those who hear it. */
export const liveSeed = (ports: Pick<Ports, 'secret'>, tenantId: string, stream: string): number =>
  seedOf(ports.secret, ['live', tenantId, stream]);

const seedOf = (secret: Uint8Array, parts: readonly (string | number)[]): number =>
  createHmac('sha256', secret).update(JSON.stringify(parts)).digest().readUInt32BE(0);
