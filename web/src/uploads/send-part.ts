import { isSessionExpired, untilReturned } from '../api/left-session.ts';
import { ownAddress } from '../api/own-address.ts';
import { Problem } from '../api/problem.ts';
import { sendBody, type SendOptions } from './send-body.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** With the pauses, some five minutes: a walk through a tunnel, a router that starts anew. */
const MAX_TRIES = 25;

const isOwn = (url: string): boolean =>
  new URL(url, location.href).pathname.startsWith('/api/audio/uploads/');

/** The server's own addresses are asked where the page came from; a bucket's are taken as they are. */
const addressOf = (url: string): string => (isOwn(url) ? ownAddress(url) : url);

/**
 * Sends one part, again and again while the line is down.
 *
 * @throws Problem when it is refused
 */
export async function sendPart(url: string, bytes: Blob, options: SendOptions): Promise<void> {
  await untilReached(
    () => sendBody('PUT', addressOf(url), bytes, { ...options, isOwn: isOwn(url) }),
    options.signal,
  );
}

/**
 * Tries again what did not reach the server, or what it had no time for; what came after the session had ended, once
 * somebody is logged in again.
 *
 * @throws Problem when it is refused, or has been tried often
 */
export async function untilReached<Answer>(
  step: () => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await step();
    } catch (error) {
      if (isOfEndedSession(error)) {
        await untilReturned(signal);
        continue;
      }
      if (tries === MAX_TRIES || !mayPass(error)) throw error;
      await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1)), signal);
    }
  }
}

/** A bucket's own 401 is none: no login would mend it. */
export const isOfEndedSession = (error: unknown): boolean =>
  error instanceof Problem && error.status === 401 && isSessionExpired();

const mayPass = (error: unknown): boolean =>
  error instanceof Problem &&
  (error.code === 'offline' || error.status === 429 || (error.status >= 500 && error.status !== 507));

/** Ends early when the browser is online again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      window.removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(new DOMException('The upload was cancelled.', 'AbortError'));
      else resolve();
    };
    const timer = setTimeout(end, ms * (0.5 + Math.random() / 2));
    window.addEventListener('online', end);
    signal.addEventListener('abort', end);
  });
}
