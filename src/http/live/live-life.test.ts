import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openLiveApp, type LiveApp, type LiveSocket, type Message } from '../../../test/live-app.ts';
import type { TestUser } from '../../../test/test-app.ts';
import type { AsyncRequest } from '../../domain/request.ts';
import type { LiveLimits } from './live-limits.ts';

let test: LiveApp;
let ada: TestUser;
afterEach(() => test.close());

async function open(liveLimits: Partial<LiveLimits>): Promise<void> {
  test = await openLiveApp({}, { liveLimits });
  ada = await test.addUser('ada');
}

async function order(live: LiveSocket, action = 'steered'): Promise<string> {
  live.send({ type: 'request', action });
  return String((await live.next('acknowledgment'))['request_id']);
}

describe('whoever is connected', () => {
  it('hears nothing more once the session has ended', async () => {
    await open({ pingMs: 100, callerMs: 10 });
    const live = await test.connect({ token: ada.token });
    const requestId = await order(live);
    await live.next('progress');
    await test.request('POST', '/api/user/logout', { token: ada.token });
    expect(await live.closed).toMatchObject({ code: 4401 });
    test.finish(requestId);
    await expect.poll(async () => (await test.ports.queue.find(requestId))?.status).toBe('COMPLETED');
    expect(await live.quiet()).toEqual([]);
    expect(test.ports.hub.watched()).toEqual([]);
  });

  it('is looked up again at each message that acts', async () => {
    await open({ callerMs: 0 });
    const live = await test.connect({ token: ada.token });
    await test.ports.users.save({ ...(await getUser()), isActive: false }, (await getUser()).revision);
    live.send({ type: 'ping' });
    expect(await live.next()).toEqual({ type: 'pong' });
    live.send({ type: 'request', action: 'quick' });
    expect(await live.closed).toMatchObject({ code: 4401 });
    expect((await test.ports.queue.list({}, { limit: 10 })).items).toEqual([]);
  });

  it('connects anew when it is no administrator any more', async () => {
    await open({ pingMs: 50 });
    await test.addUser('other-root', { isAdmin: true });
    const root = await test.addUser('root', { isAdmin: true });
    const live = await test.connect({ token: root.token });
    const user = await test.ports.users.findById(root.id);
    if (user === null) throw new Error('There is no root.');
    await test.ports.users.save({ ...user, isAdmin: false }, user.revision);
    expect(await live.closed).toMatchObject({ code: 4401 });
  });

  it('stays connected while nobody can be looked up', async () => {
    await open({ pingMs: 50, callerMs: 0 });
    const live = await test.connect({ token: ada.token });
    const broken = vi.spyOn(test.ports.sessions, 'findByTokenHash').mockRejectedValue(new Error('away'));
    await expect.poll(() => broken.mock.calls.length).toBeGreaterThan(2);
    live.send({ type: 'request', id: 1, action: 'quick' });
    expect(await live.next()).toMatchObject({ type: 'error', id: 1, error: { code: 'internal' } });
    broken.mockRestore();
    live.send({ type: 'request', id: 2, action: 'quick' });
    expect(await live.next()).toMatchObject({ type: 'acknowledgment', id: 2 });
  });

  it('is pinged, stays for as long as it answers, and its record with it', async () => {
    await open({ pingMs: 40, silenceMs: 1000, keepMs: 100 });
    const live = await test.connect({ token: ada.token });
    const [before] = (await test.ports.connections.listByUser(ada.id, { limit: 1 })).items;
    await once(live.socket, 'ping');
    // Longer than silence is borne with.
    await live.quiet(1500);
    expect(live.socket.readyState).toBe(live.socket.OPEN);
    const [after] = (await test.ports.connections.listByUser(ada.id, { limit: 1 })).items;
    expect(after?.connectionId).toBe(before?.connectionId);
    expect(after?.lastPingMs).toBeGreaterThan((before?.lastPingMs ?? 0) + 100);
    expect(after?.metadata).toMatchObject({ kind: 'websocket' });
  });

  it('is dropped when it is silent', async () => {
    await open({ pingMs: 40, silenceMs: 200 });
    const live = await test.connect({ token: ada.token });
    // It reads nothing, and so answers no ping.
    live.socket.pause();
    await expect.poll(() => test.ports.localConnections.size).toBe(0);
    live.socket.resume();
    expect(await live.closed).toMatchObject({ code: 1006 });
  });
});

describe('whoever sends too much', () => {
  it('is told so, and is heard again after a while', async () => {
    await open({ messageBurst: 20, messagesPerSecond: 100 });
    const live = await test.connect({ token: ada.token });
    for (let count = 0; count < 30; count += 1) live.send({ type: 'ping', id: count });
    const answers = await live.quiet(300);
    expect(answers.filter(({ type }) => type === 'pong').length).toBeGreaterThanOrEqual(20);
    const refused = answers.filter(({ type }) => type === 'error');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ error: { code: 'rate_limited' } });
    live.send({ type: 'ping', id: 'again' });
    expect(await live.next()).toEqual({ type: 'pong', id: 'again' });
  });

  it.each([
    ['messages', (live: LiveSocket) => live.send({ type: 'ping' })],
    ['pings of the protocol', (live: LiveSocket) => live.socket.ping()],
    ['large messages', (live: LiveSocket) => live.send('x'.repeat(1024 * 1024))],
  ])('is closed when it goes on: %s', async (_, send) => {
    await open({ messageBurst: 50, messagesPerSecond: 10 });
    const live = await test.connect({ token: ada.token });
    for (let count = 0; count < 200; count += 1) send(live);
    expect(await live.closed).toMatchObject({ code: 1008, reason: 'too many messages' });
  });

  it('has a bounded number of subscriptions', async () => {
    await open({ subscriptionsPerConnection: 2 });
    const live = await test.connect({ token: ada.token });
    const [first, second] = [await order(live), await order(live)];
    live.send({ type: 'request', id: 3, action: 'steered' });
    expect(await live.next('error')).toMatchObject({ id: 3, error: { code: 'rate_limited' } });
    live.send({ type: 'request', id: 4, action: 'echo', payload: { text: 'hello' } });
    expect(await live.next('response')).toMatchObject({ id: 4, success: true });
    live.send({ type: 'unsubscribe', request_id: first });
    const third = await order(live);
    expect((await test.ports.queue.list({}, { limit: 10 })).items).toHaveLength(3);
    for (const each of [second, third]) test.finish(each);
    await live.next('complete');
    await live.next('complete');
    live.send({ type: 'subscribe', request_id: first });
    expect(await live.next()).toMatchObject({ type: 'progress', request_id: first });
  });
});

describe('a slow client', () => {
  const stateOf = async (requestId: string): Promise<AsyncRequest> => {
    const request = await test.ports.queue.find(requestId);
    if (request === null) throw new Error('There is no such request.');
    return request;
  };

  it('is told the latest state of each request once it reads on, and every end', async () => {
    await open({ bufferedBytes: 64 * 1024 });
    const live = await test.connect({ token: ada.token });
    const [long, short] = [await order(live), await order(live)];
    await live.quiet();
    live.socket.pause();
    let last = await stateOf(long);
    // More than any buffer between here and there holds.
    for (let count = 1; count <= 400; count += 1) {
      last = { ...last, seq: last.seq + 1, progress: count / 10, progressMessage: 'y'.repeat(60_000) };
      test.ports.hub.receive(last);
    }
    const end = await stateOf(short);
    test.ports.hub.receive({ ...end, seq: end.seq + 1, status: 'COMPLETED', result: 'short', endedAtMs: 1 });
    test.ports.hub.receive({ ...last, seq: last.seq + 1, status: 'COMPLETED', result: 'long', endedAtMs: 1 });
    live.socket.resume();
    const told: Message[] = [];
    while (told.filter(({ type }) => type === 'complete').length < 2) told.push(await live.next());
    expect(told.length).toBeLessThan(400);
    const seqs = told
      .filter((message) => message['request_id'] === long)
      .map((message) => Number(message['seq']));
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(seqs.at(-1)).toBe(last.seq + 1);
    const metrics = await test.request('GET', '/metrics');
    expect(Number(/earshot_live_messages_folded_total (\d+)/.exec(metrics.body)?.[1])).toBeGreaterThan(0);
    live.send({ type: 'ping' });
    expect(await live.next()).toEqual({ type: 'pong' });
  });

  it('is cut off when it takes nothing', async () => {
    await open({ bufferedBytes: 64 * 1024, stallMs: 300 });
    const live = await test.connect({ token: ada.token });
    const requestId = await order(live);
    await live.quiet();
    live.socket.pause();
    let state = await stateOf(requestId);
    for (let count = 1; count <= 400; count += 1) {
      state = { ...state, seq: state.seq + 1, progressMessage: 'y'.repeat(60_000) };
      test.ports.hub.receive(state);
    }
    await expect.poll(() => test.ports.localConnections.size).toBe(0);
    live.socket.resume();
    expect(await live.closed).toMatchObject({ code: 1006 });
    const metrics = await test.request('GET', '/metrics');
    expect(metrics.body).toContain('earshot_live_connections_closed_total{kind="websocket",reason="slow"} 1');
  });

  it('is not listened to while it takes no answers', async () => {
    await open({ bufferedBytes: 64 * 1024, messageBurst: 100_000, messagesPerSecond: 1e6 });
    const live = await test.connect({ token: ada.token });
    live.socket.pause();
    const text = 'z'.repeat(100_000);
    for (let count = 0; count < 300; count += 1)
      live.send({ type: 'request', action: 'echo', payload: { text } });
    await live.quiet(500);
    const received = async () => {
      const { body } = await test.request('GET', '/metrics');
      return Number(/earshot_live_messages_received_total\{type="request"\} (\d+)/.exec(body)?.[1]);
    };
    expect(await received()).toBeLessThan(300);
    live.socket.resume();
    for (let count = 0; count < 300; count += 1) expect((await live.next()).type).toBe('response');
    expect(await received()).toBe(300);
  });
});

describe('when the server stops', () => {
  it('tells everybody, and waits no longer than for those who answer', async () => {
    await open({ closeMs: 300 });
    const live = await test.connect({ token: ada.token });
    const stuck = await test.connect({ token: ada.token });
    await order(live);
    stuck.socket.pause();
    const begunMs = performance.now();
    const stopped = test.app.close();
    expect(await live.closed).toMatchObject({ code: 1001, reason: 'the server is stopping' });
    await stopped;
    expect(performance.now() - begunMs).toBeLessThan(2000);
    expect((await test.ports.connections.listByUser(ada.id, { limit: 10 })).items).toEqual([]);
  });
});

async function getUser() {
  const user = await test.ports.users.findById(ada.id);
  if (user === null) throw new Error('There is no ada.');
  return user;
}
