import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError, ERROR_CODES } from '../domain/app-error.ts';
import { openTestApp, type TestApp, type TestUser } from '../../test/test-app.ts';
import { ConfidingError, problemHeaders, STATUS, toProblem } from './problem.ts';

let test: TestApp;
let admin: TestUser;
beforeEach(async () => {
  test = await openTestApp({}, { maxBodyBytes: 2000 });
  admin = await test.addUser('root', { isAdmin: true });
});
afterEach(() => test.app.close());

const post = (payload: string, contentType: string) =>
  test.app.inject({
    method: 'POST',
    url: '/api/admin/users',
    headers: { authorization: `Bearer ${admin.token}`, 'content-type': contentType },
    payload,
  });

describe('a problem', () => {
  it.each(ERROR_CODES)('tells of %s', (code) => {
    const problem = toProblem(new AppError(code, 'It went wrong.'), 'abc');
    expect(problem).toMatchObject({
      type: `urn:earshot:error:${code}`,
      status: STATUS[code],
      code,
      detail: 'It went wrong.',
      instance: 'urn:earshot:request:abc',
    });
    expect(problem.title).not.toBe('');
  });

  it('tells whoever asks what the log is not to have', async () => {
    const options = { details: { request_id: 'r1' } };
    const error = new ConfidingError('engine_refused', 'No.', options, { url: '/x?signature=secret' });
    expect(toProblem(error, 'abc').details).toEqual({ request_id: 'r1', url: '/x?signature=secret' });
    const lines: string[] = [];
    const serializers = { err: pino.stdSerializers.err };
    pino({ serializers }, { write: (line: string) => void lines.push(line) }).warn({ err: error }, 'failed');
    expect(lines.join('')).toContain('r1');
    expect(lines.join('')).not.toContain('signature');
  });

  it('carries the id that the answer and the log have', async () => {
    const answer = await test.request('GET', '/nowhere', { headers: { 'x-request-id': 'mine' } });
    expect(answer.statusCode).toBe(404);
    const id = answer.headers['x-request-id'];
    expect(id).not.toBe('mine');
    expect(answer.json()).toMatchObject({ instance: `urn:earshot:request:${String(id)}` });
  });

  it('says when to come again, where that helps', () => {
    expect(problemHeaders(new AppError('not_ready', ''))).toEqual({ 'retry-after': '2' });
    expect(problemHeaders(new AppError('storage_unavailable', ''))).toEqual({ 'retry-after': '5' });
    const limited = new AppError('rate_limited', '', { details: { retry_after_s: 12.1 } });
    expect(problemHeaders(limited)).toEqual({ 'retry-after': '13' });
    expect(problemHeaders(new AppError('conflict', ''))).toEqual({});
  });

  it('names each bad field', async () => {
    const answer = await test.request('POST', '/api/user/keys', {
      token: admin.token,
      body: { name: '', scopes: ['read', 'fly'], colour: 'red' },
    });
    expect(answer.statusCode).toBe(400);
    const { code, errors } = answer.json<{ code: string; errors: { field: string }[] }>();
    expect(code).toBe('invalid_input');
    expect(errors.map(({ field }) => field).sort()).toEqual(['colour', 'name', 'scopes[1]']);
  });

  it.each([
    [400, 'invalid_input', '{"username":', 'application/json'],
    [400, 'invalid_input', '', 'application/json'],
    [400, 'invalid_input', '[]', 'application/json'],
    [400, 'invalid_input', '{"__proto__":{"x":1}}', 'application/json'],
    [413, 'too_large', JSON.stringify({ username: 'x'.repeat(2000) }), 'application/json'],
    [415, 'unsupported_media', 'username=ada', 'application/x-www-form-urlencoded'],
    [415, 'unsupported_media', '{"username":"ada"}', 'text/plain'],
  ])('answers %i %s to the body %j', async (status, code, payload, contentType) => {
    const answer = await post(payload, contentType);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.json()).toMatchObject({ status, code });
  });

  it.each([
    [400, '/api/audio/%zz'],
    [414, `/api/requests/${'x'.repeat(1100)}`],
  ])('answers %i to a path that cannot be', async (status, url) => {
    const answer = await test.request('GET', url, { token: admin.token });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it('says nothing of an error that nobody expected, and logs it', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'error' }, { write: (line) => void lines.push(line) });
    await test.app.close();
    const find = () => Promise.reject(new Error('ENOENT /srv/secret/queue.db'));
    test = await openTestApp({ queue: { ...test.ports.queue, find } }, { logger });
    const { token } = await test.addUser('ada');
    const answer = await test.request('GET', '/api/requests/abc', { token });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/ENOENT|secret|stack/);
    expect(answer.json()).toMatchObject({ code: 'internal' });
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(line['request_id']).toBe(answer.headers['x-request-id']);
    expect(line['err']).toMatchObject({ message: 'ENOENT /srv/secret/queue.db' });
  });

  it('answers what is not HTTP, or has too many headers', async () => {
    await test.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = test.app.server.address() as AddressInfo;
    expect(await exchange(port, 'HELLO\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*"code":"invalid_input"/);
    const long = `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`;
    expect(await exchange(port, long)).toMatch(/^HTTP\/1.1 431 [^]*"code":"too_large"/);
  });
});

function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });
}
