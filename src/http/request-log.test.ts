import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { openTestApp, PASSWORD, type TestApp } from '../../test/test-app.ts';
import { withoutSecrets } from './request-log.ts';

interface Line {
  readonly msg: string;
  readonly [field: string]: unknown;
}

let test: TestApp;
afterEach(() => test.app.close());

async function openLogged(overrides: Parameters<typeof openTestApp>[0] = {}): Promise<Line[]> {
  const lines: Line[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Line);
  test = await openTestApp(overrides, { logger: pino({ level: 'trace' }, { write }) });
  return lines;
}

describe('the log', () => {
  it('has one line for each finished request', async () => {
    const lines = await openLogged();
    const ada = await test.addUser('ada');
    const answer = await test.request('GET', '/api/user/session?x=1', { token: ada.token });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      msg: 'request finished',
      request_id: answer.headers['x-request-id'],
      method: 'GET',
      url: '/api/user/session?x=1',
      route: '/api/user/session',
      status: 200,
      ms: expect.any(Number) as number,
      bytes: expect.any(Number) as number,
      user_id: ada.id,
      aborted: false,
    });
  });

  it('holds no secret', async () => {
    const lines = await openLogged();
    const { token } = await test.addUser('ada');
    const secrets = [token, PASSWORD, 'id.mac-of-a-link', 'ticket-of-a-socket'];
    await test.request('POST', '/api/user/login', { body: { username: 'ada', password: PASSWORD } });
    await test.request('GET', '/api/user/session', { cookie: token });
    await test.request('GET', '/api/audio/story.mp3?from=2&token=id.mac-of-a-link');
    await test.request('GET', '/listen/id.mac-of-a-link');
    await test.request('GET', '/nowhere?ticket=ticket-of-a-socket&token=id.mac-of-a-link', { token });
    expect(lines).toHaveLength(5);
    for (const secret of secrets) expect(JSON.stringify(lines)).not.toContain(secret);
  });

  it('blames nobody here for a body that its client broke off', async () => {
    const lines = await openLogged();
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = test.app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /api/user/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n');
    socket.write('Content-Length: 99\r\n\r\n{');
    await once(test.app.server, 'request');
    socket.destroy();
    const finished = () => lines.find(({ msg }) => msg === 'request finished');
    while (finished() === undefined) await setImmediate();
    await setImmediate();
    expect(finished()).toMatchObject({ aborted: true });
    expect(lines.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });

  it('tells of a client that went away', async () => {
    const gate = Promise.withResolvers<null>();
    const asked = Promise.withResolvers<undefined>();
    const logged = Promise.withResolvers<Line>();
    const { queue } = (test = await openTestApp()).ports;
    await test.app.close();
    const write = (line: string): void => {
      const parsed = JSON.parse(line) as Line;
      if (parsed.msg === 'request finished') logged.resolve(parsed);
    };
    test = await openTestApp(
      {
        queue: {
          ...queue,
          find: () => {
            asked.resolve(undefined);
            return gate.promise;
          },
        },
      },
      { logger: pino({}, { write }) },
    );
    const { token } = await test.addUser('ada');
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = test.app.server.address() as AddressInfo;
    const headers = { authorization: `Bearer ${token}` };
    const client = httpRequest({ host: '127.0.0.1', port, path: '/api/requests/abc', headers });
    client.on('error', () => undefined).end();
    await asked.promise;
    client.destroy();
    expect(await logged.promise).toMatchObject({ aborted: true, bytes: 0 });
    gate.resolve(null);
  });
});

describe('withoutSecrets', () => {
  it.each([
    ['/a?token=x', '/a?token=***'],
    ['/a?%74oken=x', '/a?%74oken=***'],
    ['/a?b=%zz&%zz=1&ticket=x#y', '/a?b=%zz&%zz=1&ticket=***#y'],
    ['/a?from=1&token=x&seed=2', '/a?from=1&token=***&seed=2'],
    ['/a?TICKET=x', '/a?TICKET=***'],
    ['/a?tokens=x', '/a?tokens=x'],
    ['/token=x', '/token=x'],
    ['/listen/id.mac-of-a-link', '/listen/***'],
    ['//Listen/id.mac?from=1&token=x', '//Listen/***?from=1&token=***'],
    ['/api/listen?token=x', '/api/listen?token=***'],
  ])('%s becomes %s', (url, expected) => {
    expect(withoutSecrets(url)).toBe(expected);
  });
});
