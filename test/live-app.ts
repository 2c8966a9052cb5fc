import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { AppError } from '../src/domain/app-error.ts';
import type { AppOptions } from '../src/http/app.ts';
import { createActionRegistry } from '../src/services/actions/action-registry.ts';
import type { ImmediateAction } from '../src/services/actions/action.ts';
import type { Ports } from '../src/services/ports.ts';
import { startWorker, type Worker } from '../src/services/worker.ts';
import type { PortOverrides } from './memory-ports.ts';
import { queuedAction } from './test-actions.ts';
import { openTestApp, type TestApp } from './test-app.ts';

export type Message = Readonly<Record<string, unknown>> & { readonly type: string };

/** One end of a WebSocket, which keeps what it has heard until somebody asks for it. */
export interface LiveSocket {
  readonly socket: WebSocket;
  send(message: unknown): void;
  /** The next message that was not asked for before, of this type if one is given; others are passed over. */
  next(type?: string): Promise<Message>;
  /** All that was heard and not asked for within a while. */
  quiet(ms?: number): Promise<Message[]>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

export interface ConnectOptions {
  readonly token?: string;
  readonly ticket?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
}

/** The whole interface on a socket of its own, with a worker and actions that a test can steer. */
export interface LiveApp extends TestApp {
  readonly worker: Worker;
  readonly origin: string;
  readonly port: number;
  connect(options: ConnectOptions): Promise<LiveSocket>;
  /** The answer to a handshake that is refused. */
  refusal(options: ConnectOptions): Promise<{ status: number; type: string; problem: { code: string } }>;
  /** Lets the `steered` action of a request end. */
  finish(requestId: string, result?: string): void;
  /** Lets it tell how far it is. */
  report(requestId: string, percentage: number, message: string): void;
  close(): Promise<void>;
}

/** Another way in for WebSockets than the server's own. */
export interface LiveDoor {
  readonly url: string;
  close(): Promise<void>;
}

const HUGE = 'x'.repeat(100_000);

export async function openLiveApp(
  overrides: PortOverrides = {},
  options: Partial<AppOptions> = {},
  openDoor?: (ports: Ports) => Promise<LiveDoor>,
): Promise<LiveApp> {
  const steered = new Map<
    string,
    { end: (result: string) => void; report: (percentage: number, message: string) => void }
  >();
  const echo: ImmediateAction<{ text: string }> = {
    kind: 'immediate',
    name: 'echo',
    summary: 'Says it again.',
    permission: 'read',
    payload: z.strictObject({ text: z.string() }),
    answer: async (caller, { text }) => ({ text, user: caller.userId }),
  };
  const refuse: ImmediateAction<object> = {
    ...echo,
    name: 'refuse',
    payload: z.strictObject({}),
    answer: async () => {
      throw new AppError('not_found', 'There is nothing of this kind.', { details: { kind: 'x' } });
    },
  };
  const actions = createActionRegistry([
    echo,
    refuse,
    queuedAction('steered', (request, { report, signal }) => {
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new AppError('aborted', 'stopped')));
        steered.set(request.requestId, { end: resolve, report });
      });
    }),
    queuedAction('huge', async () => ({ text: HUGE })),
    queuedAction('quick', async ({ payload }) => ({ payload, done: true })),
    queuedAction('failing', async () => {
      throw new AppError('unsupported_media', 'No audio.', {
        errors: [{ field: 'payload.x', message: 'Bad.' }],
      });
    }),
    queuedAction(
      'flaky',
      async ({ retryCount }) => {
        if (retryCount === 0) throw new AppError('storage_unavailable', 'The disk is away.');
        return 'at last';
      },
      { retry: { maxRetries: 3, firstDelayMs: 300, lastDelayMs: 300 } },
    ),
    { ...queuedAction('strict', async () => null), payload: z.strictObject({ count: z.int() }) },
  ]);
  let wake = (): void => undefined;
  const test = await openTestApp(
    { actions, wakeWorkers: () => wake(), ...overrides },
    { rateLimits: { requestsPerMinute: 100_000, loginsPerMinute: 1000 }, ...options },
  );
  const worker = startWorker(test.ports, {
    actions: test.ports.actions,
    concurrency: 50,
    leaseMs: 5000,
    pollMs: 50,
  });
  wake = () => worker.wake();
  await test.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = test.app.server.address() as AddressInfo;
  const sockets: WebSocket[] = [];
  const door = await openDoor?.(test.ports);

  const dial = ({ token, ticket, headers = {}, path = '/api/ws' }: ConnectOptions): WebSocket => {
    const query = ticket === undefined ? '' : `?ticket=${encodeURIComponent(ticket)}`;
    const socket = new WebSocket(`${door?.url ?? `ws://127.0.0.1:${port}${path}`}${query}`, {
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    });
    sockets.push(socket);
    return socket;
  };
  const steer = async (requestId: string) => {
    for (let tries = 0; tries < 200; tries += 1) {
      const found = steered.get(requestId);
      if (found !== undefined) return found;
      await sleep(10);
    }
    throw new Error(`The request ${requestId} has not begun.`);
  };

  return {
    ...test,
    worker,
    port,
    origin: `http://127.0.0.1:${port}`,
    async connect(connectOptions) {
      const socket = dial(connectOptions);
      const live = listen(socket);
      await once(socket, 'open');
      return live;
    },
    async refusal(connectOptions) {
      const socket = dial(connectOptions);
      socket.on('error', () => undefined);
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
      let body = '';
      for await (const chunk of response) body += String(chunk);
      const type = response.headers['content-type'] ?? '';
      return { status: response.statusCode ?? 0, type, problem: JSON.parse(body) as { code: string } };
    },
    finish: (requestId, result = 'done') => void steer(requestId).then(({ end }) => end(result)),
    report: (requestId, percentage, message) =>
      void steer(requestId).then(({ report }) => report(percentage, message)),
    async close() {
      for (const socket of sockets) socket.terminate();
      await door?.close();
      await Promise.all([worker.stop(0), test.app.close()]);
    },
  };
}

/** What a WebSocket hears, from now on. */
export function listen(socket: WebSocket): LiveSocket {
  const heard: Message[] = [];
  let wake: () => void = () => undefined;
  socket.on('message', (data: Buffer) => {
    heard.push(JSON.parse(data.toString()) as Message);
    wake();
  });
  socket.on('error', () => undefined);
  return {
    socket,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next(type) {
      for (;;) {
        const message = heard.shift();
        if (message === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else if (type === undefined || message.type === type) return message;
      }
    },
    async quiet(ms = 150) {
      await sleep(ms);
      return heard.splice(0);
    },
    closed: once(socket, 'close').then(([code, reason]) => ({
      code: code as number,
      reason: String(reason),
    })),
  };
}
