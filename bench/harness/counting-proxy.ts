import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

export interface CountingProxy {
  readonly endpoint: string;
  /** Does some work. @returns what was asked of the service meanwhile: `GetItem`, `GET`, in order */
  requestsOf(work: () => Promise<unknown>): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Stands before a service of AWS, passes everything on, and counts on the wire: also what is tried again.
 * @param ignoredTable requests that name it are not counted
 */
export async function startCountingProxy(endpoint: string, ignoredTable?: string): Promise<CountingProxy> {
  const target = new URL(endpoint);
  const agent = new Agent({ keepAlive: true });
  let seen: string[] = [];
  const server = createServer((incoming, response) => {
    const { method = '', url, headers } = incoming;
    // `DynamoDB_20120810.GetItem`; S3 has verbs.
    const action = headers['x-amz-target'];
    const name = typeof action === 'string' ? (action.split('.')[1] ?? action) : method;
    const outgoing = request({ host: target.hostname, port: target.port, method, path: url, headers, agent });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      pipeline(answer, response).catch(() => response.destroy());
    });
    let isIgnored = false;
    // A request to DynamoDB comes in one piece.
    incoming.on('data', (chunk: Buffer) => {
      isIgnored ||= ignoredTable !== undefined && chunk.includes(`"${ignoredTable}"`);
    });
    incoming.on('end', () => {
      if (!isIgnored) seen.push(name);
    });
    pipeline(incoming, outgoing).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async requestsOf(work) {
      seen = [];
      await work();
      return seen;
    },
    async close() {
      agent.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
