import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { openTestApp } from '../../../test/test-app.ts';
import { asyncRequest } from '../../../test/sample-records.ts';
import { signPeerMessage } from '../../services/peer-signature.ts';
import { createHttpPeerGateway } from './http-peer-gateway.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** An instance that listens, as another one finds it. */
async function openInstance() {
  const test = await openTestApp();
  const endpoint = await test.app.listen({ host: '127.0.0.1', port: 0 });
  closers.push(() => test.app.close());
  return { ...test, endpoint };
}

const states = (connectionIds: readonly string[], seq = 2) => ({
  requests: [asyncRequest('r', { seq, payload: null })],
  connectionIds,
});

it('tells another instance what became of a request, and hears whom it does not hold', async () => {
  const { ports, endpoint } = await openInstance();
  const told: number[] = [];
  ports.hub.watch('r', ({ seq }) => told.push(seq));
  ports.localConnections.add('here');
  const gateway = createHttpPeerGateway({
    sign: (body) => signPeerMessage(ports.secret, body, Date.now()),
  });
  expect(await gateway.send(endpoint, states(['here', 'gone']))).toEqual(['gone']);
  expect(told).toEqual([2]);
});

it('is not heard without the secret of the home, nor with an old signature', async () => {
  const { ports, endpoint } = await openInstance();
  const told: number[] = [];
  ports.hub.watch('r', ({ seq }) => told.push(seq));
  const signs: ((body: string) => string)[] = [
    (body) => signPeerMessage(new Uint8Array(32), body, Date.now()),
    (body) => signPeerMessage(ports.secret, `${body} `, Date.now()),
    (body) => signPeerMessage(ports.secret, body, Date.now() - 61_000),
    (body) => signPeerMessage(ports.secret, body, Date.now() + 120_000),
    () => '',
    () => 't=1,v1=x',
  ];
  for (const sign of signs) {
    const sent = createHttpPeerGateway({ sign }).send(endpoint, states([]));
    await expect(sent).rejects.toMatchObject({ code: 'storage_unavailable' });
  }
  expect(told).toEqual([]);
});

it('says when nobody is there, when nobody answers, and when another program does', async () => {
  const slow: Server = createServer(() => undefined);
  const other: Server = createServer((_request, response) =>
    response.writeHead(302, { location: '/' }).end(),
  );
  const listen = (server: Server) =>
    new Promise<string>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      });
      closers.push(async () => {
        server.closeAllConnections();
        server.close();
      });
    });
  const endpoints = [await listen(slow), await listen(other), 'http://127.0.0.1:1'];
  const gateway = createHttpPeerGateway({ sign: () => '', timeoutMs: 100 });
  for (const endpoint of endpoints) {
    await expect(gateway.send(endpoint, states([]))).rejects.toMatchObject({ code: 'storage_unavailable' });
  }
});
