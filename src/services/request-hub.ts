import type { AsyncRequest } from '../domain/request.ts';

export type RequestListener = (request: AsyncRequest) => void;

/**
 * Passes on, inside one process, what becomes of requests. Whoever watches a request hears of each state once and in
 * order, wherever it came from: from the work in this process, from another instance, or from a look at the queue.
 * States may be left out in between; the last one never is.
 */
export interface RequestHub {
  /** A state that this process has brought about: told to those who watch it, and to `onChange`. */
  publish(request: AsyncRequest): void;
  /** A state that was brought about elsewhere: told to those who watch it. */
  receive(request: AsyncRequest): void;
  /** @returns what ends it */
  watch(requestId: string, listener: RequestListener): () => void;
  /** Hears of every state that this process brings about. @returns what ends it */
  onChange(listener: RequestListener): () => void;
  /** The requests that somebody watches. */
  watched(): readonly string[];
}

interface Watched {
  /** Of the state that was told last. */
  seq: number;
  readonly listeners: Set<RequestListener>;
}

export function createRequestHub(): RequestHub {
  const watchedRequests = new Map<string, Watched>();
  const changeListeners = new Set<RequestListener>();

  function receive(request: AsyncRequest): void {
    const watched = watchedRequests.get(request.requestId);
    if (watched === undefined || request.seq <= watched.seq) return;
    watched.seq = request.seq;
    for (const listener of watched.listeners) listener(request);
  }

  return {
    receive,

    publish(request) {
      receive(request);
      for (const listener of changeListeners) listener(request);
    },

    watch(requestId, listener) {
      const watched = watchedRequests.get(requestId) ?? { seq: 0, listeners: new Set() };
      watchedRequests.set(requestId, watched);
      // A listener of its own, so that whoever watches twice ends one at a time.
      const own: RequestListener = (request) => listener(request);
      watched.listeners.add(own);
      return () => {
        watched.listeners.delete(own);
        if (watched.listeners.size === 0 && watchedRequests.get(requestId) === watched)
          watchedRequests.delete(requestId);
      };
    },

    onChange(listener) {
      const own: RequestListener = (request) => listener(request);
      changeListeners.add(own);
      return () => changeListeners.delete(own);
    },

    watched: () => [...watchedRequests.keys()],
  };
}
