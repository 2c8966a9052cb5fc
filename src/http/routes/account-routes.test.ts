import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, PASSWORD, type TestApp, type TestUser } from '../../../test/test-app.ts';

let test: TestApp;
let ada: TestUser;
beforeEach(async () => {
  test = await openTestApp();
  ada = await test.addUser('ada');
});
afterEach(() => test.app.close());

const makeKey = (body: Record<string, unknown>, token = ada.token) =>
  test.request('POST', '/api/user/keys', { token, body });

describe('the password', () => {
  it('changes, and ends the other sessions', async () => {
    const login = { body: { username: 'ada', password: PASSWORD } };
    const other = (await test.request('POST', '/api/user/login', login)).json<{ token: string }>();
    const body = { current: PASSWORD, new: 'another long password' };
    const answer = await test.request('POST', '/api/user/password', { token: ada.token, body });
    expect(answer.statusCode).toBe(204);
    expect((await test.request('GET', '/api/user/session', { token: ada.token })).statusCode).toBe(200);
    expect((await test.request('GET', '/api/user/session', { token: other.token })).statusCode).toBe(401);
    expect((await test.request('POST', '/api/user/login', login)).statusCode).toBe(401);
  });

  it.each([
    ['current', { current: 'wrong', new: 'another long password' }],
    ['new', { current: PASSWORD, new: 'short' }],
  ])('is refused for a bad field %s', async (field, body) => {
    const answer = await test.request('POST', '/api/user/password', { token: ada.token, body });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ errors: [{ field }] });
  });
});

describe('API keys', () => {
  it('are made, listed without themselves, and deleted', async () => {
    const made = await makeKey({
      name: 'radio',
      scopes: ['read', 'read'],
      expires_at: '2099-01-01T00:00:00+01:00',
    });
    expect(made.statusCode).toBe(201);
    const { id, key } = made.json<{ id: string; key: string }>();
    expect(made.json()).toMatchObject({
      name: 'radio',
      scopes: ['read'],
      expires_at: '2098-12-31T23:00:00.000Z',
    });
    expect((await test.request('GET', '/api/user/session', { token: key })).json()).toMatchObject({
      kind: 'api_key',
    });
    const list = await test.request('GET', '/api/user/keys', { token: ada.token });
    expect(list.json()).toMatchObject({ count: 1, keys: [{ id, name: 'radio' }] });
    expect(list.body).not.toContain(key);
    const remove = () => test.request('DELETE', `/api/user/keys/${id}`, { token: ada.token });
    expect((await remove()).statusCode).toBe(204);
    expect((await remove()).statusCode).toBe(404);
    expect((await test.request('GET', '/api/user/session', { token: key })).statusCode).toBe(401);
  });

  it('page', async () => {
    for (const name of ['a', 'b', 'c']) await makeKey({ name, scopes: ['play'] });
    const first = await test.request('GET', '/api/user/keys?limit=2', { token: ada.token });
    const { next_cursor: cursor } = first.json<{ next_cursor: string }>();
    expect(first.json()).toMatchObject({ count: 2 });
    const second = await test.request('GET', `/api/user/keys?limit=2&cursor=${cursor}`, { token: ada.token });
    expect(second.json()).toMatchObject({ count: 1 });
    expect(second.json()).not.toHaveProperty('next_cursor');
    const forged = await test.request('GET', '/api/user/keys?cursor=W10.x', { token: ada.token });
    expect(forged.json()).toMatchObject({ status: 400, errors: [{ field: 'cursor' }] });
  });

  it('never give more than their maker has', async () => {
    expect((await makeKey({ name: 'x', scopes: ['admin'] })).statusCode).toBe(403);
    const { key } = (await makeKey({ name: 'x', scopes: ['write'] })).json<{ key: string }>();
    expect((await makeKey({ name: 'y', scopes: ['read'] }, key)).statusCode).toBe(403);
    const body = { current: PASSWORD, new: 'another long password' };
    expect((await test.request('POST', '/api/user/password', { token: key, body })).statusCode).toBe(403);
  });

  it('of others cannot be deleted', async () => {
    const { id } = (await makeKey({ name: 'x', scopes: ['play'] })).json<{ id: string }>();
    const bob = await test.addUser('bob');
    expect((await test.request('DELETE', `/api/user/keys/${id}`, { token: bob.token })).statusCode).toBe(404);
  });

  it.each([
    [{ name: 'x', scopes: [] }],
    [{ name: 'x', scopes: ['play'], expires_at: '2001-01-01T00:00:00Z' }],
    [{ name: 'x', scopes: ['play'], expires_at: 'tomorrow' }],
    [{ name: ' ', scopes: ['play'] }],
    [{ scopes: ['play'] }],
  ])('are refused as %j', async (body) => {
    expect((await makeKey(body)).statusCode).toBe(400);
  });
});
