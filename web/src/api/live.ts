import { api, dataOf } from './client.ts';
import { isSessionExpired, onSessionExpiry } from './left-session.ts';
import { reach } from './reach.ts';
import type { WorkRequest } from './types.ts';

/** What is told of a request, as it happens. */
export type LiveEvent =
  | {
      readonly type: 'progress';
      readonly request_id: string;
      readonly seq: number;
      readonly percentage: number;
      readonly message: string;
    }
  | { readonly type: 'complete'; readonly request_id: string; readonly seq: number; readonly result: unknown }
  | {
      readonly type: 'error';
      readonly request_id: string;
      readonly seq?: number;
      readonly error: { readonly code: string; readonly message: string };
    };

export type LiveState = 'idle' | 'connecting' | 'live' | 'waiting';

interface Watched {
  readonly listeners: Set<(event: LiveEvent) => void>;
  /** The last that was heard: what came after it is replayed. */
  seq: number;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** The server drops who has been silent for ten minutes. */
const PING_MS = 4 * 60_000;

/**
 * One WebSocket for all that is watched, opened with the first and closed with the last. A connection that breaks is
 * made again, with a new ticket, and misses nothing: each request is taken up after what was heard of it last.
 */
class LiveConnection {
  readonly #watched = new Map<string, Watched>();
  readonly #stateListeners = new Set<() => void>();
  #socket: WebSocket | null = null;
  #state: LiveState = 'idle';
  #failures = 0;
  /** Which try to connect is the one that counts: an older one may still wait for its ticket. */
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ping: ReturnType<typeof setInterval> | undefined;

  constructor() {
    reach.subscribe(() => {
      if (reach.isThere()) this.#tryNow();
    });
    onSessionExpiry(() => {
      if (!isSessionExpired()) this.#tryNow();
    });
  }

  readonly subscribeState = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  };
  readonly getState = (): LiveState => this.#state;

  /** @returns what ends it */
  watch(requestId: string, listener: (event: LiveEvent) => void): () => void {
    const known = this.#watched.get(requestId);
    const watched = known ?? { listeners: new Set(), seq: 0 };
    watched.listeners.add(listener);
    if (known === undefined) {
      this.#watched.set(requestId, watched);
      if (this.#state === 'live') this.#subscribe(requestId, watched);
      else if (this.#state === 'idle') void this.#connect();
    }
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size > 0 || this.#watched.get(requestId) !== watched) return;
      this.#watched.delete(requestId);
      this.#send({ type: 'unsubscribe', request_id: requestId });
      if (this.#watched.size === 0) this.#close();
    };
  }

  async #connect(): Promise<void> {
    const attempt = (this.#attempt += 1);
    this.#become('connecting');
    try {
      const { ticket, url } = await dataOf(api.POST('/api/ws/ticket'));
      if (attempt !== this.#attempt) return;
      const address = new URL(url ?? '/api/ws', location.href);
      address.protocol = address.protocol.replace('http', 'ws');
      address.searchParams.set('ticket', ticket);
      this.#open(new WebSocket(address));
    } catch {
      // Whatever it was, the next try tells it again; the state says that nothing is heard until then.
      if (attempt === this.#attempt) this.#tryAgain();
    }
  }

  #open(socket: WebSocket): void {
    this.#socket = socket;
    socket.addEventListener('open', () => {
      if (this.#socket !== socket) return;
      this.#failures = 0;
      this.#become('live');
      for (const [requestId, watched] of this.#watched) this.#subscribe(requestId, watched);
      clearInterval(this.#ping);
      this.#ping = setInterval(() => this.#send({ type: 'ping' }), PING_MS);
    });
    socket.addEventListener('message', ({ data }) => this.#hear(String(data)));
    socket.addEventListener('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      clearInterval(this.#ping);
      if (this.#watched.size > 0) this.#tryAgain();
    });
  }

  #hear(text: string): void {
    const event = JSON.parse(text) as LiveEvent;
    if (!('request_id' in event)) return;
    const watched = this.#watched.get(event.request_id);
    if (watched === undefined) return;
    if ('seq' in event && event.seq !== undefined) {
      // Told twice, when what is replayed and what happens meet.
      if (event.seq <= watched.seq) return;
      watched.seq = event.seq;
    }
    for (const listener of [...watched.listeners]) listener(event);
  }

  #subscribe(requestId: string, { seq }: Watched): void {
    this.#send({ type: 'subscribe', request_id: requestId, since: seq });
  }

  #send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #tryAgain(): void {
    this.#become('waiting');
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
    this.#failures += 1;
    clearTimeout(this.#timer);
    // With jitter, so that the pages of a house do not all come at once after a restart.
    this.#timer = setTimeout(() => void this.#connect(), pause * (0.5 + Math.random() / 2));
  }

  /** What it waited for has come. */
  #tryNow(): void {
    if (this.#state !== 'waiting') return;
    clearTimeout(this.#timer);
    this.#failures = 0;
    void this.#connect();
  }

  #close(): void {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    clearInterval(this.#ping);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#become('idle');
  }

  #become(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) listener();
  }
}

export const live = new LiveConnection();

export const isOver = ({ status }: Pick<WorkRequest, 'status'>): boolean =>
  status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';
