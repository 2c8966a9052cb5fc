import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryIdempotencyStore } from '../adapters/memory/memory-idempotency-store.ts';
import type { IdempotencyRecord } from '../domain/idempotency.ts';
import { openTestApp, PASSWORD, type TestApp, type TestUser } from '../../test/test-app.ts';

let nowMs = 1_795_000_000_000;
let stored: IdempotencyRecord['response'][];
let test: TestApp;
let admin: TestUser;

beforeEach(async () => {
  stored = [];
  const idempotency = createMemoryIdempotencyStore(() => nowMs);
  test = await openTestApp({
    clock: () => nowMs,
    idempotency: {
      ...idempotency,
      finish: (key, response, expiresAtMs) => {
        stored.push(response);
        return idempotency.finish(key, response, expiresAtMs);
      },
    },
  });
  admin = await test.addUser('root', { isAdmin: true });
});
afterEach(() => test.app.close());

const body = (username: string) => ({ username, password: PASSWORD });
const post = (url: string, key: string, payload: Record<string, unknown>, token = admin.token) =>
  test.request('POST', url, { token, headers: { 'idempotency-key': key }, body: payload });
const addUser = (key: string, username: string, token?: string) =>
  post('/api/admin/users', key, body(username), token);

describe('Idempotency-Key', () => {
  it('answers the same, once executed, for a day', async () => {
    const first = await addUser('k1', 'ada');
    const again = await addUser('k1', 'ada');
    expect(first.statusCode).toBe(201);
    expect(again.statusCode).toBe(201);
    expect(again.body).toBe(first.body);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    nowMs += 24 * 3600 * 1000;
    expect((await addUser('k1', 'ada')).statusCode).toBe(409);
  });

  it('shows a secret again to nobody but the client', async () => {
    const key = { name: 'radio', scopes: ['play'] };
    const first = await post('/api/user/keys', 'k1', key);
    const again = await post('/api/user/keys', 'k1', key);
    expect(again.body).toBe(first.body);
    expect(again.headers['cache-control']).toBe('no-store');
  });

  it('survives a body that nests without end', async () => {
    const headers = { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' };
    const payload = '['.repeat(200_000) + ']'.repeat(200_000);
    const send = (more: Record<string, string>) =>
      test.app.inject({ method: 'POST', url: '/api/user/logout', headers: { ...headers, ...more }, payload });
    const answer = await send({ 'idempotency-key': 'k1' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_input' });
    expect((await send({})).statusCode).toBe(204);
  });

  it('refuses another body, and keeps users and routes apart', async () => {
    await addUser('k1', 'ada');
    const other = await addUser('k1', 'bob');
    expect(other.statusCode).toBe(409);
    expect(other.json()).toMatchObject({ code: 'conflict' });
    const colleague = await test.addUser('boss', { isAdmin: true });
    expect((await addUser('k1', 'bob', colleague.token)).statusCode).toBe(201);
    const key = await post('/api/user/keys', 'k1', { name: 'radio', scopes: ['play'] });
    expect(key.statusCode).toBe(201);
  });

  it('answers 409 with Retry-After while the first is running', async () => {
    const gate = Promise.withResolvers<undefined>();
    const started = Promise.withResolvers<undefined>();
    const { hasher } = test.ports;
    await test.app.close();
    test = await openTestApp({
      hasher: {
        ...hasher,
        hash: async (password) => {
          if (password === 'wait for the gate') {
            started.resolve(undefined);
            await gate.promise;
          }
          return hasher.hash(password);
        },
      },
    });
    admin = await test.addUser('root', { isAdmin: true });
    const slow = { username: 'ada', password: 'wait for the gate' };
    const first = post('/api/admin/users', 'k1', slow);
    await started.promise;
    const second = await post('/api/admin/users', 'k1', slow);
    expect(second.statusCode).toBe(409);
    expect(second.headers['retry-after']).toBe('1');
    gate.resolve(undefined);
    expect((await first).statusCode).toBe(201);
    expect((await post('/api/admin/users', 'k1', slow)).statusCode).toBe(201);
  });

  it('keeps a refusal of the input, but not of the caller', async () => {
    await addUser('k0', 'ada');
    expect((await addUser('k1', 'ada')).statusCode).toBe(409);
    expect((await addUser('k1', 'ada')).headers['idempotency-replayed']).toBe('true');
    const plain = await test.addUser('bob');
    expect((await addUser('k2', 'eve', plain.token)).statusCode).toBe(403);
    expect((await addUser('k2', 'eve', plain.token)).headers).not.toHaveProperty('idempotency-replayed');
  });

  it('never keeps a secret in clear', async () => {
    const wanted = { name: 'radio', scopes: ['play'] };
    const first = await post('/api/user/keys', 'k1', wanted);
    const { key } = first.json<{ key: string }>();
    expect(JSON.stringify(stored)).not.toContain(key);
    expect((await post('/api/user/keys', 'k1', wanted)).json()).toEqual(first.json());
  });

  it.each(['', ' ', 'a b', 'grüße', 'x'.repeat(256)])('refuses the key %j', async (key) => {
    const answer = await addUser(encodeURI(key) === key ? key : Buffer.from(key).toString('latin1'), 'ada');
    expect(answer.statusCode).toBe(400);
  });

  it('does nothing for a caller that nobody knows', async () => {
    const answer = await test.request('POST', '/api/admin/users', {
      headers: { 'idempotency-key': 'k1' },
      body: body('ada'),
    });
    expect(answer.statusCode).toBe(401);
  });
});
