import fastify from 'fastify';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { countOpenRequests, onFinished, type FinishedRequest } from './finished-request.ts';

type Hook = (
  request: unknown,
  reply: { hijack(): { raw: { socket: { destroy(): void } | null } } },
) => Promise<void>;

async function listenWith(laterHook: Hook) {
  const app = fastify();
  const finished: FinishedRequest[] = [];
  onFinished(app, (one) => finished.push(one));
  app.addHook('onRequest', laterHook);
  app.get('/', () => 'answer');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const ask = async () => {
    const socket = connect(port, '127.0.0.1');
    socket.end('GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n').resume();
    await once(socket, 'close');
  };
  return { app, finished, ask };
}

it('ends the count of a request that a later hook refuses, and tells its end once', async () => {
  const { app, finished, ask } = await listenWith(async () => {
    throw new Error('refused');
  });
  for (const expected of [1, 2]) {
    await ask();
    expect(finished).toHaveLength(expected);
    expect(countOpenRequests(app)).toBe(0);
  }
  expect(finished.map(({ reply, aborted }) => [reply.statusCode, aborted])).toEqual([
    [500, false],
    [500, false],
  ]);
  await app.close();
});

it('ends the count of a request that a later hook takes away from Fastify and drops', async () => {
  const { app, finished, ask } = await listenWith(async (_request, reply) => {
    expect(countOpenRequests(app)).toBe(1);
    reply.hijack().raw.socket?.destroy();
  });
  await ask();
  await expect.poll(() => finished.length).toBe(1);
  expect(finished[0]?.aborted).toBe(true);
  expect(countOpenRequests(app)).toBe(0);
  await app.close();
});
