import { createServer, type Server } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { Writable } from 'node:stream';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { answerEvent, type AnswerHead } from './answer-event.ts';
import { requestOfEvent } from './function-url-request.ts';

function event(change: Partial<LambdaFunctionURLEvent> = {}, method = 'GET'): LambdaFunctionURLEvent {
  const rawPath = change.rawPath ?? '/';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: { host: 'radio.example' },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'id',
      domainName: 'radio.example',
      domainPrefix: 'id',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'test' },
      requestId: 'request-1',
      routeKey: '$default',
      stage: '$default',
      time: 'now',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
    ...change,
  };
}

/** Takes an answer; with `stopAtBytes`, no more than about so much. */
function taker(stopAtBytes = Infinity) {
  const taken = { head: null as AnswerHead | null, bytes: 0, text: '', wentOn: () => {} };
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      taken.bytes += chunk.length;
      if (taken.text.length < 10_000) taken.text += chunk.toString();
      if (taken.bytes < stopAtBytes) done();
      else taken.wentOn = () => done();
    },
  });
  const begin = (head: AnswerHead): Writable => {
    taken.head = head;
    return stream;
  };
  return { taken, begin };
}

const inTime = () => 60_000;

describe('a request of an event', () => {
  it('is the one that came: path, query, cookies and body untouched', () => {
    const request = requestOfEvent(
      event(
        {
          rawPath: '/api/audio/M%C3%A4rz%2F%25.mp3',
          rawQueryString: 'a=1&a=2&b=%20x',
          cookies: ['session=s', 'other=o'],
          body: Buffer.from([255, 0, 1]).toString('base64'),
          isBase64Encoded: true,
          headers: { host: 'x', 'content-length': '4', connection: 'close', range: 'bytes=0-1' },
        },
        'POST',
      ),
    );
    expect(request).toEqual({
      method: 'POST',
      path: '/api/audio/M%C3%A4rz%2F%25.mp3?a=1&a=2&b=%20x',
      headers: ['host', 'x', 'range', 'bytes=0-1', 'cookie', 'session=s; other=o', 'content-length', '3'],
      body: Buffer.from([255, 0, 1]),
      sourceIp: '203.0.113.7',
    });
  });

  it('has no other path than was meant where the platform has decoded it', () => {
    const pathOf = (rawPath: string) => requestOfEvent(event({ rawPath })).path;
    expect(pathOf('/api/audio/März 1?x#y.mp3')).toBe('/api/audio/M%C3%A4rz%201%3Fx%23y.mp3');
    expect(pathOf('/100%')).toBe('/100%25');
    expect(pathOf('/a\r\nb')).toBe('/a%0D%0Ab');
    expect(pathOf('')).toBe('/');
    expect(pathOf('/\ud83d')).toBe('/%EF%BF%BD');
  });
});

describe('an answer to an event', () => {
  it('comes with its status, headers and cookies; who asks has the address of the event and came by TLS', async () => {
    const server = createServer((request, response) => {
      response.setHeader('set-cookie', ['a=1; Path=/', 'b=2']);
      response.setHeader('vary', ['origin', 'accept']);
      response.writeHead(201, { 'content-type': 'text/plain' });
      const { remoteAddress } = request.socket;
      response.end(
        `${remoteAddress} ${String('encrypted' in request.socket)} ${request.headers['user-agent']}`,
      );
    });
    const { taken, begin } = taker();
    await answerEvent(server, event({ headers: { host: 'x', 'user-agent': 'radio' } }), {
      begin,
      remainingMs: inTime,
    });
    expect(taken.head).toMatchObject({
      statusCode: 201,
      headers: { 'content-type': 'text/plain', vary: 'origin, accept' },
      cookies: ['a=1; Path=/', 'b=2'],
    });
    expect(Object.keys(taken.head?.headers ?? {})).not.toContain('connection');
    expect(taken.text).toBe('203.0.113.7 true radio');
  });

  it('of no body has its head all the same', async () => {
    const server = createServer((_request, response) => response.writeHead(204).end());
    const { taken, begin } = taker();
    await answerEvent(server, event({}, 'DELETE'), { begin, remainingMs: inTime });
    expect(taken.head?.statusCode).toBe(204);
  });

  it('waits for whoever takes it: no more is written than buffers hold', async () => {
    let writtenBytes = 0;
    const server = createServer((_request, response) => {
      const write = () => {
        while (writtenBytes < 32_000_000) {
          writtenBytes += 64_000;
          if (!response.write(Buffer.alloc(64_000))) return;
        }
        response.end();
      };
      response.on('drain', write);
      write();
    });
    const { taken, begin } = taker(1_000_000);
    const answered = answerEvent(server, event(), { begin, remainingMs: inTime });
    await expect.poll(() => taken.bytes).toBeGreaterThanOrEqual(1_000_000);
    await setTimeout(50);
    expect(writtenBytes).toBeLessThan(2_000_000);
    for (let bytes = 0; bytes < 32_000_000;) {
      bytes = taken.bytes;
      taken.wentOn();
      await setTimeout(0);
      if (writtenBytes >= 32_000_000 && taken.bytes === bytes) break;
    }
    await answered;
    expect(taken.bytes).toBe(writtenBytes);
  });

  const never = (): { server: Server; closed: () => boolean } => {
    let isClosed = false;
    const server = createServer((request, response) => {
      response.once('close', () => (isClosed = true));
      if (request.url === '/begun') response.write('begun');
    });
    return { server, closed: () => isClosed };
  };

  it('is cut before the time of the function is over, and the server hears of it', async () => {
    const { server, closed } = never();
    const endMs = Date.now() + 2200;
    const { taken, begin } = taker();
    const options = { begin, remainingMs: () => endMs - Date.now() };
    await expect(answerEvent(server, event({ rawPath: '/begun' }), options)).rejects.toThrow();
    expect(taken.text).toBe('begun');
    expect(Date.now()).toBeLessThan(endMs);
    await expect.poll(closed).toBe(true);
  });

  it('that has not begun by then is a problem', async () => {
    const { server, closed } = never();
    const endMs = Date.now() + 2100;
    const { taken, begin } = taker();
    await answerEvent(server, event(), { begin, remainingMs: () => endMs - Date.now() });
    expect(taken.head).toMatchObject({
      statusCode: 503,
      headers: { 'content-type': 'application/problem+json; charset=utf-8', 'retry-after': '5' },
    });
    expect(JSON.parse(taken.text)).toMatchObject({
      code: 'aborted',
      instance: 'urn:earshot:request:request-1',
    });
    await expect.poll(closed).toBe(true);
  });

  it('that breaks off fails', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('some', () => response.destroy());
    });
    const { begin } = taker();
    await expect(answerEvent(server, event(), { begin, remainingMs: inTime })).rejects.toThrow();
  });
});
