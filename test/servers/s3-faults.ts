import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly range: string | undefined;
}

/** What becomes of an answer: as it is; another status, not passed on; or cut, stopped, or spoilt after so many bytes. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly code: string }
  | { readonly kind: 'cut'; readonly afterBytes: number }
  | { readonly kind: 'stall'; readonly afterBytes: number }
  | { readonly kind: 'spoil'; readonly afterBytes: number };

export interface FaultyS3 {
  readonly endpoint: string;
  readonly seen: SeenRequest[];
  /** Answers under way whose client still waits. */
  readonly openCount: () => number;
  /** Asked for every request before it is passed on. */
  faultOf: (seen: SeenRequest) => Fault | undefined | Promise<Fault | undefined>;
  stop(): Promise<void>;
}

/** Stands before an S3 and does what networks and services do now and then. */
export async function startFaultyS3(endpoint: string): Promise<FaultyS3> {
  const target = new URL(endpoint);
  const open = new Set<ServerResponse>();
  const server = createServer((incoming, response) => {
    open.add(response);
    response.on('close', () => open.delete(response));
    void pass(incoming, response).catch(() => response.destroy());
  });

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = {
      method: incoming.method ?? '',
      url: new URL(incoming.url ?? '', endpoint),
      range: incoming.headers.range,
    };
    faulty.seen.push(seen);
    const fault = await faulty.faultOf(seen);
    if (fault?.kind === 'status') {
      incoming.resume();
      await once(incoming, 'end');
      response.writeHead(fault.status, { 'content-type': 'application/xml' });
      response.end(`<Error><Code>${fault.code}</Code><Message>As told.</Message></Error>`);
      return;
    }
    const outgoing = request({
      host: target.hostname,
      port: target.port,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers,
    });
    response.on('close', () => outgoing.destroy());
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    let left = fault?.afterBytes ?? Infinity;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      const some = chunk.subarray(0, left);
      left -= some.length;
      if (!response.write(some)) await once(response, 'drain', { signal: AbortSignal.timeout(60_000) });
      if (left > 0) continue;
      if (fault?.kind === 'spoil') {
        const rest = Buffer.from(chunk.subarray(some.length));
        rest.writeUInt8((rest.readUInt8(0) + 1) & 0xff, 0);
        response.write(rest);
        left = Infinity;
        continue;
      }
      // What was written is to arrive first.
      if (fault?.kind === 'cut') setTimeout(() => response.destroy(), 100);
      return;
    }
    response.end();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const faulty: FaultyS3 = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    openCount: () => open.size,
    faultOf: () => undefined,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return faulty;
}
