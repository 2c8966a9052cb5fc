/**
 * A server with WebSockets, for the bench of live connections: `live-server.ts ours|bare`. Says its URL to the parent,
 * and does what the parent sends: `tell` so many states to all, or `usage`.
 */
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { asyncRequest } from '../../test/sample-records.ts';
import { buildApp } from '../../src/http/app.ts';
import { LOCAL_CALLER } from '../../src/services/authenticate.ts';
import { createMemoryPorts } from '../../test/memory-ports.ts';

export type LiveCommand =
  { readonly kind: 'tell'; readonly states: number; readonly pauseMs: number } | { readonly kind: 'usage' };

export interface LiveUsage {
  readonly processorMs: number;
  readonly memoryBytes: number;
}

/** What each of them is told: the message of a state, as it goes out. */
type Tell = (number: number) => void;

const MANY = 100_000;
const MESSAGE = 'Encoding: 12 of 47 minutes';

async function openOurs(): Promise<{ url: string; tell: Tell }> {
  const ports = createMemoryPorts({ policy: { auth: 'off' } });
  const { requestId } = await ports.queue.enqueue({
    requestId: 'r',
    action: 'work',
    payload: {},
    userId: LOCAL_CALLER.userId,
    tenantId: LOCAL_CALLER.tenantId,
    maxRetries: 0,
  });
  const app = await buildApp(ports, {
    version: '0',
    publicUrl: null,
    corsOrigins: [],
    trustProxy: false,
    liveLimits: { connections: MANY, connectionsPerUser: MANY },
    rateLimits: { requestsPerMinute: MANY },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    tell: (number) =>
      ports.hub.publish(
        asyncRequest(requestId, { seq: number + 10, progress: number % 100, progressMessage: MESSAGE }),
      ),
  };
}

/** `ws` with nothing on top: the message is made once, and given to each. */
async function openBare(): Promise<{ url: string; tell: Tell }> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, path: '/api/ws', perMessageDeflate: false });
  server.on('connection', (socket) => socket.on('message', () => socket.send('{"type":"acknowledgment"}')));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    tell: (number) => {
      const message = {
        type: 'progress',
        request_id: 'r',
        seq: number + 10,
        timestamp: new Date().toISOString(),
        percentage: number % 100,
        message: MESSAGE,
      };
      const bytes = Buffer.from(JSON.stringify(message));
      for (const client of server.clients) client.send(bytes, { binary: false });
    },
  };
}

function readUsage(): LiveUsage {
  // Twice: the first frees what the second can then compact.
  for (let turn = 0; turn < 2; turn += 1) globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  return { processorMs: (user + system) / 1000, memoryBytes: process.memoryUsage.rss() };
}

const { url, tell } = await (process.argv[2] === 'ours' ? openOurs() : openBare());
let told = 0;
process.on('message', (command: LiveCommand) => {
  const run = async () => {
    if (command.kind === 'usage') return process.send?.(readUsage());
    for (let count = 0; count < command.states; count += 1) {
      tell((told += 1));
      await setTimeout(command.pauseMs);
    }
    return process.send?.('told');
  };
  run().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit());
process.send?.(url);
