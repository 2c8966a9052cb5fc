type Listener = () => void;

const listeners = new Set<Listener>();

/** Called when an answer says that nobody is logged in any more. */
export function onLeftSession(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function leaveSession(): void {
  for (const listener of listeners) listener();
}
