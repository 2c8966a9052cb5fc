import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { order } from '../../../test/contracts/live-messages.contract.ts';
import { openGatewayApp, type GatewayApp } from '../../../test/gateway-app.ts';
import type { TestUser } from '../../../test/test-app.ts';

let test: GatewayApp;
let ada: TestUser;
const open = async (...options: Parameters<typeof openGatewayApp>) => {
  test = await openGatewayApp(...options);
  ada = await test.addUser('ada');
};
afterEach(() => test.close());

const status = (options: Parameters<GatewayApp['refusal']>[0]) =>
  test.refusal(options).then((refusal) => refusal.status);
const ticketOf = async (token: string) =>
  (await test.request('POST', '/api/ws/ticket', { token })).json<{ ticket: string }>().ticket;
const connectionsOf = async (userId: string) =>
  (await test.ports.connections.listByUser(userId, { limit: 1000 })).items;
const subscriptionsTo = async (requestId: string) =>
  (await test.ports.subscriptions.listByRequest(requestId, { limit: 10 })).items;

describe('a handshake at a gateway', () => {
  beforeEach(() => open({}, { limits: { connectionsPerUser: 3 } }));

  it('says who comes by a header, once by a ticket, or by the cookie of a page of ours', async () => {
    await test.connect({ token: ada.token });
    const ticket = await ticketOf(ada.token);
    await test.connect({ ticket });
    expect(await status({ ticket })).toBe(401);
    const cookie = { cookie: `theme=dark; session=${ada.token}` };
    await test.connect({ headers: { ...cookie, origin: 'https://radio.example' } });
    expect(await connectionsOf(ada.id)).toHaveLength(3);
    expect(test.gateway.connectionIds).toHaveLength(3);
  });

  it('is refused to strangers, to pages of others, and to links', async () => {
    expect(await status({})).toBe(401);
    expect(await status({ token: 'est_nothing' })).toBe(401);
    expect(await status({ ticket: 'nothing' })).toBe(401);
    expect(await status({ headers: { cookie: 'session=nothing' } })).toBe(401);
    const cookie = `session=${ada.token}`;
    expect(await status({ headers: { cookie } })).toBe(403);
    expect(await status({ headers: { cookie, origin: 'https://elsewhere.example' } })).toBe(403);
    expect(await connectionsOf(ada.id)).toEqual([]);
  });

  it('is refused to a user who has as many as may be', async () => {
    const [first] = await Promise.all([1, 2, 3].map(() => test.connect({ token: ada.token })));
    expect(await status({ token: ada.token })).toBe(429);
    await test.connect({ token: (await test.addUser('bob')).token });
    first?.socket.close();
    await expect.poll(() => connectionsOf(ada.id)).toHaveLength(2);
    await test.connect({ token: ada.token });
  });

  it('leaves no secret in the record of the connection', async () => {
    await test.connect({ token: ada.token });
    const [record] = await connectionsOf(ada.id);
    expect(record).toMatchObject({ endpoint: test.gateway.endpoint, metadata: { kind: 'websocket' } });
    const session = await test.ports.sessions.listExpired(Infinity, 10);
    const written = JSON.stringify(record);
    expect(written).not.toContain(ada.token);
    for (const { tokenHash } of session) expect(written).not.toContain(tokenHash);
    expect(session).toHaveLength(1);
  });
});

describe('a connection at a gateway', () => {
  it('leaves nothing behind but its requests', async () => {
    await open();
    const live = await test.connect({ token: ada.token });
    const requestId = await order(live, 'steered');
    await live.next('progress');
    live.socket.close(1000);
    await expect.poll(() => connectionsOf(ada.id)).toEqual([]);
    expect(await subscriptionsTo(requestId)).toEqual([]);
    test.finish(requestId);
    await expect.poll(async () => (await test.ports.queue.find(requestId))?.status).toBe('COMPLETED');
  });

  it('is closed, after an error, once its session has ended: at its next message', async () => {
    await open({}, { limits: { callerMs: 0 } });
    const live = await test.connect({ token: ada.token });
    await test.request('POST', '/api/user/logout', { token: ada.token });
    live.send({ type: 'request', action: 'echo', payload: { text: 'still me' } });
    expect(await live.next()).toMatchObject({ type: 'error', error: { code: 'unauthorized' } });
    await live.closed;
  });

  it('is told nothing more once its session has ended, though it says nothing', async () => {
    let nowMs = Date.now();
    await open({ clock: () => nowMs });
    const live = await test.connect({ token: ada.token });
    const requestId = await order(live, 'steered');
    await live.next('progress');
    await test.request('POST', '/api/user/logout', { token: ada.token });
    nowMs += 31_000;
    test.report(requestId, 10, 'Nobody hears this');
    await live.closed;
    expect(await live.quiet(0)).toEqual([]);
    expect(await connectionsOf(ada.id)).toEqual([]);
  });

  it('is told at its next ping of an end that did not reach it', async () => {
    await open();
    const live = await test.connect({ token: ada.token });
    const requestId = await order(live, 'steered');
    await live.next('progress');
    test.gateway.throttle(Infinity);
    test.finish(requestId, 'lost on the way');
    // As often as a client of AWS tries, and then once more.
    await expect.poll(() => test.gateway.managed.get('POST 429')).toBeGreaterThan(5);
    expect(await live.quiet(2500)).toEqual([]);
    test.gateway.throttle(0);
    live.send({ type: 'ping' });
    expect(await live.next()).toEqual({ type: 'pong' });
    expect(await live.next()).toMatchObject({ type: 'complete', request_id: requestId });
    // It ends once the gateway has said that it took the message, which the client may hear before that.
    await expect.poll(() => subscriptionsTo(requestId)).toEqual([]);
    live.send({ type: 'ping' });
    expect((await live.quiet()).map(({ type }) => type)).toEqual(['pong']);
  });

  it('takes what is throttled a moment later', async () => {
    await open();
    const live = await test.connect({ token: ada.token });
    const requestId = await order(live, 'steered');
    await live.next('progress');
    test.gateway.throttle(2);
    test.finish(requestId, 'after all');
    expect(await live.next()).toMatchObject({ type: 'complete', result: 'after all' });
  });

  it('has a bounded number of subscriptions', async () => {
    await open({}, { limits: { subscriptionsPerConnection: 2 } });
    const live = await test.connect({ token: ada.token });
    const first = await order(live, 'steered');
    await order(live, 'steered');
    await live.quiet();
    live.send({ type: 'request', action: 'steered', id: 'third' });
    expect(await live.next('error')).toMatchObject({ id: 'third', error: { code: 'rate_limited' } });
    // Not another.
    live.send({ type: 'subscribe', request_id: first });
    expect(await live.next()).toMatchObject({ type: 'progress', request_id: first });
    live.send({ type: 'unsubscribe', request_id: first });
    await live.quiet();
    await order(live, 'steered');
  });

  it('is refused a flood, and closed when it goes on', async () => {
    await open({}, { limits: { messageBurst: 5, messagesPerSecond: 0.001 } });
    const live = await test.connect({ token: ada.token });
    for (let sent = 0; sent < 5; sent += 1) live.send({ type: 'ping' });
    expect((await live.quiet()).map(({ type }) => type)).toEqual(Array(5).fill('pong'));
    for (let sent = 0; sent < 6; sent += 1) live.send({ type: 'ping' });
    await live.closed;
    const codes = (await live.quiet(0)).map(({ error }) => (error as { code: string }).code);
    expect(new Set(codes)).toEqual(new Set(['rate_limited']));
  });

  it('is closed when its record is gone, and comes again', async () => {
    await open();
    const live = await test.connect({ token: ada.token });
    const [record] = await connectionsOf(ada.id);
    await test.ports.connections.delete(record?.connectionId ?? '');
    live.send({ type: 'ping' });
    await live.closed;
    expect(await live.quiet(0)).toEqual([]);
  });

  it('is dropped by the gateway when it is idle, and misses nothing with since', async () => {
    await open({}, { idleMs: 300 });
    const live = await test.connect({ token: ada.token });
    const requestId = await order(live, 'steered');
    const { seq } = await live.next('progress');
    expect(await live.closed).toMatchObject({ code: 1001 });
    test.finish(requestId, 'meanwhile');
    await expect.poll(async () => (await test.ports.queue.find(requestId))?.status).toBe('COMPLETED');
    const again = await test.connect({ token: ada.token });
    again.send({ type: 'subscribe', request_id: requestId, since: seq });
    expect(await again.next()).toMatchObject({ type: 'complete', seq: 3, result: 'meanwhile' });
  });

  it('has its record told of its messages now and then', async () => {
    let nowMs = Date.now();
    await open({ clock: () => nowMs });
    const live = await test.connect({ token: ada.token });
    for (const [passedMs, isTold] of [
      [60_000, false],
      [300_000, true],
    ] as const) {
      nowMs += passedMs;
      live.send({ type: 'ping' });
      await live.next('pong');
      const [record] = await connectionsOf(ada.id);
      expect(record?.lastPingMs === nowMs).toBe(isTold);
    }
  });
});
