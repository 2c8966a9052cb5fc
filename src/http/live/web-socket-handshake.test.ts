import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLiveApp, type ConnectOptions, type LiveApp } from '../../../test/live-app.ts';
import type { TestUser } from '../../../test/test-app.ts';
import { createApiKey } from '../../services/api-keys.ts';
import { authenticateToken } from '../../services/authenticate.ts';

let nowMs = 0;
let lines: string[];
let test: LiveApp;
let ada: TestUser;
beforeEach(async () => {
  nowMs = Date.UTC(2026, 10, 21);
  lines = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  test = await openLiveApp(
    { clock: () => nowMs },
    { logger, corsOrigins: ['https://page.example'], liveLimits: { connectionsPerUser: 3 } },
  );
  ada = await test.addUser('ada');
});
afterEach(() => test.close());

const askTicket = async (): Promise<string> => {
  const answer = await test.request('POST', '/api/ws/ticket', { token: ada.token });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['cache-control']).toBe('no-store');
  const { ticket, expires_at: expiresAt } = answer.json<{ ticket: string; expires_at: string }>();
  expect(Date.parse(expiresAt) - nowMs).toBe(30_000);
  return ticket;
};

const opens = async (options: ConnectOptions): Promise<unknown> => {
  const live = await test.connect(options);
  live.send({ type: 'request', action: 'echo', payload: { text: 'who' } });
  const { data } = (await live.next()) as unknown as { data: { user: string } };
  live.socket.terminate();
  return data.user;
};

describe('who may have a WebSocket', () => {
  it('says so by a header, once by a ticket, or by the cookie of a page of ours', async () => {
    expect(await opens({ token: ada.token })).toBe(ada.id);
    expect(await opens({ ticket: await askTicket() })).toBe(ada.id);
    const cookie = `session=${ada.token}`;
    expect(await opens({ headers: { cookie, origin: test.origin } })).toBe(ada.id);
    expect(await opens({ headers: { cookie, origin: 'https://page.example' } })).toBe(ada.id);
    // A ticket says itself which page it was given to.
    expect(await opens({ ticket: await askTicket(), headers: { origin: 'https://other.example' } })).toBe(
      ada.id,
    );
  });

  it('opens for a browser’s own WebSocket', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${test.port}/api/ws?ticket=${await askTicket()}`);
    const heard: unknown[] = [];
    socket.onopen = () => socket.send('{"type":"ping","id":"p"}');
    socket.onmessage = ({ data }) => heard.push(data);
    await expect.poll(() => heard).toEqual(['{"type":"pong","id":"p"}']);
    socket.close();
  });

  it('is refused over HTTP, with a problem', async () => {
    const cookie = `session=${ada.token}`;
    const problem = { type: 'application/problem+json; charset=utf-8' };
    const refused = { ...problem, status: 401, problem: { code: 'unauthorized' } };
    expect(await test.refusal({})).toMatchObject(refused);
    expect(await test.refusal({ token: 'es_forged' })).toMatchObject(refused);
    expect(await test.refusal({ ticket: 'forged' })).toMatchObject(refused);
    expect(await test.refusal({ path: `/api/ws?token=${ada.token}` })).toMatchObject(refused);
    const foreign = { ...problem, status: 403, problem: { code: 'forbidden' } };
    expect(await test.refusal({ headers: { cookie, origin: 'https://evil.example' } })).toMatchObject(
      foreign,
    );
    expect(await test.refusal({ headers: { cookie } })).toMatchObject(foreign);
    const caller = await authenticateToken(test.ports, ada.token);
    const { token } = await createApiKey(test.ports, caller, { name: 'radio', scopes: ['play'] });
    expect(await test.refusal({ token })).toMatchObject(foreign);
  });

  it('shows a ticket once, within 30 seconds, and not after its session has ended', async () => {
    const used = await askTicket();
    expect(await opens({ ticket: used })).toBe(ada.id);
    expect(await test.refusal({ ticket: used })).toMatchObject({ status: 401 });
    const late = await askTicket();
    const revoked = await askTicket();
    nowMs += 29_999;
    expect(await opens({ ticket: await askTicket() })).toBe(ada.id);
    nowMs += 1;
    expect(await test.refusal({ ticket: late })).toMatchObject({ status: 401 });
    nowMs -= 30_000;
    await test.request('POST', '/api/user/logout', { token: ada.token });
    expect(await test.refusal({ ticket: revoked })).toMatchObject({ status: 401 });
  });

  it('needs an account to have a ticket, and a page of ours with its cookie', async () => {
    expect((await test.request('POST', '/api/ws/ticket')).statusCode).toBe(401);
    const headers = { origin: 'https://evil.example' };
    expect((await test.request('POST', '/api/ws/ticket', { cookie: ada.token, headers })).statusCode).toBe(
      403,
    );
  });

  it('keeps tickets and tokens out of the log', async () => {
    const ticket = await askTicket();
    await opens({ ticket });
    await test.refusal({ ticket });
    await test.refusal({ path: `/api/ws?ticket=${ticket}&ticket=again` });
    const log = lines.join('');
    expect(log).not.toContain(ticket);
    expect(log).not.toContain(ada.token);
    const statuses = lines
      .map((line) => JSON.parse(line) as { msg: string; url?: string; status?: number; user_id?: string })
      .filter(({ msg, url }) => msg === 'request finished' && url?.startsWith('/api/ws?') === true);
    expect(statuses.map(({ status }) => status)).toEqual([101, 401, expect.any(Number)]);
    expect(statuses[0]).toMatchObject({ url: '/api/ws?ticket=***', user_id: ada.id });
  });

  it('has a bounded number of them', async () => {
    const open = [];
    for (let count = 0; count < 3; count += 1) open.push(await test.connect({ token: ada.token }));
    const refused = { status: 429, problem: { code: 'rate_limited' } };
    expect(await test.refusal({ token: ada.token })).toMatchObject(refused);
    const bob = await test.addUser('bob');
    await test.connect({ token: bob.token });
    open[0]?.socket.close();
    await open[0]?.closed;
    await expect.poll(() => test.ports.localConnections.size).toBe(3);
    expect(await opens({ token: ada.token })).toBe(ada.id);
    // Refused before anything was kept of them.
    expect((await test.ports.connections.listByUser(ada.id, { limit: 10 })).items.length).toBeLessThanOrEqual(
      3,
    );
  });
});

describe('what is no handshake', () => {
  const get = async (headers: Record<string, string>, path = '/api/ws') => {
    const request = httpRequest({ port: test.port, host: '127.0.0.1', path, headers });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    return { status: response.statusCode, headers: response.headers, body };
  };
  const authorization = () => `Bearer ${ada.token}`;
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };

  it('is told what it would take to have one', async () => {
    const plain = await get({ authorization: authorization() });
    expect(plain).toMatchObject({
      status: 426,
      headers: { upgrade: 'websocket', 'sec-websocket-version': '13' },
    });
    expect(JSON.parse(plain.body)).toMatchObject({ code: 'invalid_input', status: 426 });
    const old = { ...upgrade, 'sec-websocket-version': '7', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
    expect(await get({ authorization: authorization(), ...old })).toMatchObject({ status: 426 });
    const keyless = { ...upgrade, 'sec-websocket-version': '13', 'sec-websocket-key': 'short' };
    expect(await get({ authorization: authorization(), ...keyless })).toMatchObject({ status: 400 });
  });

  it('is answered over HTTP/1.1 where another upgrade is offered, or on another path', async () => {
    const h2c = {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
    };
    expect(await get(h2c, '/health')).toMatchObject({ status: 200 });
    expect(await get(upgrade, '/health')).toMatchObject({ status: 200 });
    expect(await get({ ...upgrade, authorization: authorization() }, '/api/audio/list')).toMatchObject({
      status: 200,
    });
  });

  it('does no harm when it goes in the middle', async () => {
    for (let count = 0; count < 10; count += 1) {
      const socket = connect(test.port, '127.0.0.1');
      socket.write(
        `GET /api/ws HTTP/1.1\r\nHost: 127.0.0.1:${test.port}\r\nAuthorization: ${authorization()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      await once(socket, 'connect');
      socket.resetAndDestroy();
    }
    await expect.poll(() => test.ports.localConnections.size).toBe(0);
    await expect
      .poll(async () => (await test.ports.connections.listByUser(ada.id, { limit: 10 })).items)
      .toEqual([]);
    expect(await opens({ token: ada.token })).toBe(ada.id);
  });
});
