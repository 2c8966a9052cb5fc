import { Agent, get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { addTrack } from '../../test/stream-library.ts';
import { openTestApp } from '../../test/test-app.ts';

/** Of 40 MB: more than the two ends of a connection hold. */
const LONG_FRAMES = 100_000;

describe('the app', () => {
  it('closes as soon as what is running has been answered, kept-alive connections or not', async () => {
    const asked = Promise.withResolvers<undefined>();
    const gate = Promise.withResolvers<null>();
    const { ports } = await openTestApp();
    const find = () => {
      asked.resolve(undefined);
      return gate.promise;
    };
    const test = await openTestApp({ queue: { ...ports.queue, find } });
    const { app } = test;
    const { token } = await test.addUser('ada');
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true });
    const headers = { authorization: `Bearer ${token}` };
    const answer = Promise.withResolvers<[number | undefined, string | undefined]>();
    get({ agent, port, host: '127.0.0.1', path: '/api/requests/r1', headers }, (response) => {
      response.resume();
      answer.resolve([response.statusCode, response.headers.connection]);
    }).on('error', answer.reject);
    await asked.promise;
    const closed = app.close();
    while (app.server.listening) await setImmediate();
    gate.resolve(null);
    expect(await answer.promise).toEqual([404, 'close']);
    await closed;
    agent.destroy();
  });

  it('closes as soon as the audio that is being sent has been sent', async () => {
    const test = await openTestApp();
    const { app } = test;
    const { token } = await test.addUser('ada');
    await addTrack(test.ports, 'long.mp3', LONG_FRAMES);
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true });
    const headers = { authorization: `Bearer ${token}` };
    const [response] = (await once(
      get({ agent, port, host: '127.0.0.1', path: '/api/audio/long.mp3', headers }),
      'response',
    )) as [IncomingMessage];
    const closed = app.close();
    while (app.server.listening) await setImmediate();
    let heardBytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) heardBytes += chunk.length;
    expect(heardBytes).toBe(Number(response.headers['content-length']));
    await closed;
    agent.destroy();
  });

  it('cuts off who sends a body a byte at a time', async () => {
    const { app } = await openTestApp({}, { requestTimes: { bodyMs: 60 } });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1').resume();
    socket.write('POST /api/user/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n');
    socket.write('Content-Length: 99\r\n\r\n{');
    await once(socket, 'close');
    await app.close();
  });

  it('leads a browser to the page of the interface', async () => {
    const test = await openTestApp();
    const answer = await test.request('GET', '/');
    expect([answer.statusCode, answer.headers['location']]).toEqual([302, '/docs']);
    await test.app.close();
  });

  it.each([
    ['PUT', '/health', 'GET, HEAD'],
    ['DELETE', '/api/audio/story.mp3/info?x=1', 'GET, HEAD, PATCH'],
    ['PATCH', '/api/streams/s/queue', 'DELETE, GET, HEAD, POST, PUT'],
  ] as const)('says of %s %s what the path takes', async (method, url, allow) => {
    const test = await openTestApp();
    const answer = await test.request(method, url);
    expect([answer.statusCode, answer.headers['allow']]).toEqual([405, allow]);
    expect(answer.json()).toMatchObject({ code: 'method_not_allowed', status: 405 });
    await test.app.close();
  });

  it('says 404 of what a right route does not find', async () => {
    const test = await openTestApp();
    expect((await test.request('GET', '/docs/static/none.js')).statusCode).toBe(404);
    await test.app.close();
  });

  it('answers HEAD where it answers GET', async () => {
    const test = await openTestApp();
    const answer = await test.request('HEAD', '/health');
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('');
    await test.app.close();
  });

  it('believes X-Forwarded-* from the proxies that were named, and from nobody else', async () => {
    for (const [trustProxy, secure] of [
      [false, undefined],
      ['192.0.2.0/24', undefined],
      ['127.0.0.1', true],
    ] as const) {
      const test = await openTestApp({}, { trustProxy });
      await test.addUser('ada');
      const answer = await test.request('POST', '/api/user/login', {
        headers: { 'x-forwarded-proto': 'https' },
        body: { username: 'ada', password: 'a good long password' },
      });
      expect(answer.cookies[0]?.['secure']).toBe(secure);
      await test.app.close();
    }
  });
});
