type Listener = () => void;

const listeners = new Set<Listener>();
let isExpired = false;

/**
 * Whether the session that this page was opened with has ended: an answer said that nobody is logged in any more. What
 * is shown stays as it is meanwhile, with all that was typed.
 */
export const isSessionExpired = (): boolean => isExpired;

export function onSessionExpiry(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Resolves once somebody is logged in again. @throws DOMException of the signal */
export function untilReturned(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!signal.aborted && isExpired) return;
      stopListening();
      signal.removeEventListener('abort', look);
      if (signal.aborted) reject(new DOMException('Nobody waits for it any more.', 'AbortError'));
      else resolve();
    };
    const stopListening = onSessionExpiry(look);
    signal.addEventListener('abort', look);
    look();
  });
}

export const leaveSession = (): void => become(true);
export const returnToSession = (): void => become(false);

function become(expired: boolean): void {
  if (isExpired === expired) return;
  isExpired = expired;
  for (const listener of listeners) listener();
}
