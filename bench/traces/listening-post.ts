import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TracedRequest } from './trace.ts';

/** Stands between a player and the function, and notes what is asked for, and how much of the answer is taken. */
export interface ListeningPost {
  readonly url: string;
  /** In the order of their coming. */
  readonly requests: readonly TracedRequest[];
  /** Answers `/` with it. @returns when the page has asked for `/done` */
  openPage(html: string): Promise<void>;
  close(): Promise<void>;
}

/** @param speed of the player, so that times are those of the sound */
export async function startListeningPost(target: string, speed: number): Promise<ListeningPost> {
  const requests: { -readonly [Field in keyof TracedRequest]: TracedRequest[Field] }[] = [];
  let page = '';
  let startedMs: number | null = null;
  const done = Promise.withResolvers<void>();

  function pass(incoming: IncomingMessage, response: ServerResponse): void {
    startedMs ??= performance.now();
    const atS = Math.round(((performance.now() - startedMs) / 1000) * speed);
    const { range, 'sec-fetch-dest': fetchDest } = incoming.headers;
    const traced = {
      atS,
      ...(range !== undefined && { range }),
      ...(typeof fetchDest === 'string' && { fetchDest }),
      status: 0,
      takenBytes: 0,
    };
    requests.push(traced);
    const outgoing = forward(`${target}${incoming.url}`, { headers: incoming.headers }, (answer) => {
      traced.status = answer.statusCode ?? 502;
      response.writeHead(traced.status, answer.headers);
      answer.on('data', (chunk: Buffer) => {
        traced.takenBytes += chunk.length;
        if (!response.write(chunk)) answer.pause();
      });
      response.on('drain', () => answer.resume());
      answer.on('end', () => response.end());
      answer.on('error', () => response.destroy());
    });
    response.on('close', () => outgoing.destroy());
    outgoing.on('error', () => response.destroy());
    outgoing.end();
  }

  const server = createServer((incoming, response) => {
    if (incoming.url === '/') response.setHeader('content-type', 'text/html').end(page);
    else if (incoming.url === '/done') {
      response.end();
      done.resolve();
    } else if (incoming.url?.startsWith('/api/') === true) pass(incoming, response);
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    openPage(html) {
      page = html;
      return done.promise;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
