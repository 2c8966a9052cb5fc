import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { openLiveApp, type LiveApp } from '../../../test/live-app.ts';
import type { TestUser } from '../../../test/test-app.ts';
import type { LiveLimits } from './live-limits.ts';

interface Stream {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
  /** All that has come; waits until it has this in it. */
  until(text: string): Promise<string>;
  readonly ended: Promise<string>;
}

let test: LiveApp;
let ada: TestUser;
afterEach(() => test.close());

async function open(liveLimits: Partial<LiveLimits> = {}): Promise<void> {
  test = await openLiveApp({}, { liveLimits });
  ada = await test.addUser('ada');
}

async function order(action = 'steered'): Promise<string> {
  const answer = await test.request('POST', '/api/requests', { token: ada.token, body: { action } });
  return answer.json<{ request_id: string }>().request_id;
}

async function stream(
  requestId: string,
  { headers = {}, query = '', token = ada.token }: { headers?: object; query?: string; token?: string } = {},
): Promise<Stream> {
  const request = httpRequest({
    host: '127.0.0.1',
    port: test.port,
    path: `/api/requests/${requestId}/events${query}`,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  request.on('error', () => undefined);
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  response.on('error', () => undefined);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    request,
    response,
    async until(wanted) {
      await expect.poll(() => text, { timeout: 5000 }).toContain(wanted);
      return text;
    },
    // Also after a reset: that is how some of them end.
    ended: new Promise((resolve) => response.once('close', () => resolve(text))),
  };
}

interface Event {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

const eventsOf = (text: string): Event[] =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('id: '))
    .map((block) => {
      const fields = Object.fromEntries(
        block
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      return {
        id: fields['id'] ?? '',
        event: fields['event'] ?? '',
        data: JSON.parse(fields['data'] ?? '') as Record<string, unknown>,
      };
    });

describe('the events of a request', () => {
  it('are told as they come, and end with the last', async () => {
    await open();
    const requestId = await order();
    const live = await stream(requestId);
    expect(live.status).toBe(200);
    expect(live.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-request-id': expect.any(String) as string,
    });
    expect(await live.until('event: progress')).toMatch(/^retry: \d+\n\n/);
    test.report(requestId, 40, 'Halfway');
    await live.until('Halfway');
    test.finish(requestId, 'line\nbreak');
    const events = eventsOf(await live.ended);
    expect(events.at(-2)).toMatchObject({
      id: '3',
      event: 'progress',
      data: { type: 'progress', request_id: requestId, seq: 3, percentage: 40, message: 'Halfway' },
    });
    expect(events.at(-1)).toMatchObject({
      id: '4',
      event: 'complete',
      data: { type: 'complete', seq: 4, result: 'line\nbreak' },
    });
    expect(test.ports.localConnections.size).toBe(0);
    await expect
      .poll(async () => (await test.ports.connections.listByUser(ada.id, { limit: 9 })).items)
      .toEqual([]);
  });

  it('go on after Last-Event-ID, or since', async () => {
    await open();
    const requestId = await order();
    test.report(requestId, 20, 'Twenty');
    await expect.poll(async () => (await test.ports.queue.find(requestId))?.seq).toBe(3);
    const first = await stream(requestId);
    expect(eventsOf(await first.until('Twenty')).map(({ id }) => id)).toEqual(['3']);
    const again = await stream(requestId, { headers: { 'last-event-id': '3' } });
    const since = await stream(requestId, { query: '?since=3' });
    const both = await stream(requestId, { query: '?since=1', headers: { 'last-event-id': '3' } });
    test.finish(requestId);
    for (const each of [again, since, both]) {
      expect(eventsOf(await each.ended).map(({ id, event }) => [id, event])).toEqual([['4', 'complete']]);
    }
    const late = await stream(requestId, { headers: { 'last-event-id': '3' } });
    expect(eventsOf(await late.ended)).toMatchObject([{ id: '4', event: 'complete' }]);
    expect(await late.ended).toMatch(/^retry: /);
    // An EventSource stops at a 204.
    expect(await stream(requestId, { headers: { 'last-event-id': '4' } })).toMatchObject({ status: 204 });
    expect(await stream(requestId, { headers: { 'last-event-id': 'x' } })).toMatchObject({ status: 400 });
  });

  it('end with an error when it failed or was cancelled', async () => {
    await open();
    const failed = await order('failing');
    expect(eventsOf(await (await stream(failed)).ended).at(-1)).toMatchObject({
      event: 'error',
      data: { error: { code: 'unsupported_media' } },
    });
    const requestId = await order();
    const live = await stream(requestId);
    await live.until('event: progress');
    await test.request('POST', `/api/requests/${requestId}/cancel`, { token: ada.token });
    expect(eventsOf(await live.ended).at(-1)).toMatchObject({
      event: 'error',
      data: { error: { code: 'cancelled' } },
    });
  });

  it('are for its user and the administrators of the tenant', async () => {
    await open();
    const requestId = await order();
    const bob = await test.addUser('bob');
    const mallory = await test.addUser('mallory', { isAdmin: true, tenantId: 'others' });
    const root = await test.addUser('root', { isAdmin: true });
    for (const { token } of [bob, mallory])
      expect(await stream(requestId, { token })).toMatchObject({ status: 404 });
    expect(await stream('none')).toMatchObject({ status: 404 });
    expect(await stream(requestId, { token: 'es_forged' })).toMatchObject({ status: 401 });
    const live = await stream(requestId, { token: root.token });
    test.finish(requestId);
    expect(await live.ended).toContain('event: complete');
  });

  it('leave nothing behind when the client goes', async () => {
    await open();
    const requestId = await order();
    const live = await stream(requestId);
    await live.until('event: progress');
    expect(test.ports.hub.watched()).toEqual([requestId]);
    live.request.destroy();
    await expect.poll(() => test.ports.hub.watched()).toEqual([]);
    await expect
      .poll(async () => (await test.ports.subscriptions.listByRequest(requestId, { limit: 9 })).items)
      .toEqual([]);
    expect(test.ports.localConnections.size).toBe(0);
  });

  it('have comments in between, and end when the session does', async () => {
    await open({ commentMs: 50, pingMs: 150 });
    const requestId = await order();
    const live = await stream(requestId);
    await live.until(': still here\n\n: still here\n\n');
    await test.request('POST', '/api/user/logout', { token: ada.token });
    expect(await live.ended).not.toContain('complete');
    expect(test.ports.hub.watched()).toEqual([]);
  });

  it('are folded for a client that reads slowly, and the last is told', async () => {
    await open();
    const requestId = await order();
    const live = await stream(requestId);
    await live.until('event: progress');
    live.response.pause();
    let state = await test.ports.queue.find(requestId);
    if (state === null) throw new Error('There is no such request.');
    for (let count = 0; count < 400; count += 1) {
      state = { ...state, seq: state.seq + 1, progressMessage: 'y'.repeat(60_000) };
      test.ports.hub.receive(state);
    }
    test.ports.hub.receive({
      ...state,
      seq: state.seq + 1,
      status: 'COMPLETED',
      result: 'end',
      endedAtMs: 1,
    });
    live.response.resume();
    const events = eventsOf(await live.ended);
    expect(events.length).toBeLessThan(400);
    expect(events.at(-1)).toMatchObject({ event: 'complete', id: String(state.seq + 1) });
  });

  it('are cut off for a client that takes nothing', async () => {
    await open({ stallMs: 300 });
    const requestId = await order();
    const live = await stream(requestId);
    await live.until('event: progress');
    live.response.pause();
    let state = await test.ports.queue.find(requestId);
    if (state === null) throw new Error('There is no such request.');
    for (let count = 0; count < 400; count += 1) {
      state = { ...state, seq: state.seq + 1, progressMessage: 'y'.repeat(60_000) };
      test.ports.hub.receive(state);
      await setImmediate();
    }
    await expect
      .poll(async () => (await test.request('GET', '/metrics')).body)
      .toContain('earshot_live_connections_closed_total{kind="sse",reason="slow"} 1');
    expect(test.ports.localConnections.size).toBe(0);
    live.response.resume();
  });

  it('end with the server, for the client to come again', async () => {
    await open();
    const requestId = await order();
    const live = await stream(requestId);
    await live.until('event: progress');
    const stopped = test.app.close();
    expect(await live.ended).not.toContain('complete');
    await stopped;
  });

  it('are shown by curl as they come', async () => {
    await open();
    const requestId = await order();
    const url = `${test.origin}/api/requests/${requestId}/events`;
    const curl = spawn('curl', ['-sN', '-H', `Authorization: Bearer ${ada.token}`, url]);
    let shown = '';
    curl.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
    });
    await expect.poll(() => shown, { timeout: 5000 }).toContain('event: progress');
    test.finish(requestId);
    const [code] = (await once(curl, 'close')) as [number];
    expect(code).toBe(0);
    expect(shown).toContain('event: complete');
  });
});
