import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, PASSWORD, type TestApp, type TestUser } from '../../../test/test-app.ts';

let test: TestApp;
let root: TestUser;
beforeEach(async () => {
  test = await openTestApp();
  root = await test.addUser('root', { isAdmin: true });
});
afterEach(() => test.app.close());

const url = (id = '') => (id === '' ? '/api/admin/users' : `/api/admin/users/${id}`);
const add = (body: Record<string, unknown>, token = root.token) =>
  test.request('POST', url(), { token, body });
const change = (id: string, body: Record<string, unknown>) =>
  test.request('PATCH', url(id), { token: root.token, body });
const isAlive = async ({ token }: TestUser): Promise<boolean> =>
  (await test.request('GET', '/api/user/session', { token })).statusCode === 200;

describe('users', () => {
  it('are added and listed by name, without their hash', async () => {
    const made = await add({ username: 'Ada', password: PASSWORD, email: 'ada@example.org' });
    expect(made.statusCode).toBe(201);
    expect(made.json()).toMatchObject({
      username: 'Ada',
      email: 'ada@example.org',
      is_admin: false,
      is_active: true,
      tenant_id: 'default',
    });
    const list = await test.request('GET', url(), { token: root.token });
    expect(list.json<{ users: { username: string }[] }>().users.map((user) => user.username)).toEqual([
      'Ada',
      'root',
    ]);
    expect(list.body).not.toContain(PASSWORD);
    const again = await add({ username: 'ADA', password: PASSWORD });
    expect(again.json()).toMatchObject({ status: 409, code: 'already_exists' });
  });

  it.each([
    [{ username: 'a b', password: PASSWORD }, 'username'],
    [{ username: 'ada', password: 'short' }, 'password'],
    [{ username: 'ada', password: PASSWORD, email: 'nowhere' }, 'email'],
    [{ username: 'ada', password: PASSWORD, tenant_id: 'other' }, 'tenant_id'],
  ])('are refused as %j', async (body, field) => {
    const answer = await add(body);
    expect(answer.json()).toMatchObject({ status: 400, errors: [{ field }] });
  });

  it('lose their sessions with their password and their activity', async () => {
    const ada = await test.addUser('ada');
    expect((await change(ada.id, { email: 'ada@example.org', is_admin: true })).json()).toMatchObject({
      email: 'ada@example.org',
      is_admin: true,
    });
    expect(await isAlive(ada)).toBe(true);
    expect((await change(ada.id, { password: 'another long password', email: null })).json()).toMatchObject({
      email: null,
    });
    expect(await isAlive(ada)).toBe(false);
    const bob = await test.addUser('bob');
    await change(bob.id, { is_active: false });
    expect(await isAlive(bob)).toBe(false);
    await change(bob.id, { is_active: true });
    expect(await isAlive(bob)).toBe(false);
  });

  it('go with all that is theirs', async () => {
    const ada = await test.addUser('ada');
    const body = { name: 'radio', scopes: ['play'] };
    await test.request('POST', '/api/user/keys', { token: ada.token, body });
    const place = { tenantId: 'default', userId: ada.id, kind: 'file', name: 'story.mp3' } as const;
    await test.ports.positions.save(place, { positionMs: 1, updatedAtMs: 1 });
    expect((await test.request('DELETE', url(ada.id), { token: root.token })).statusCode).toBe(204);
    expect(await isAlive(ada)).toBe(false);
    expect((await test.ports.apiKeys.listByUser(ada.id, { limit: 1 })).items).toEqual([]);
    expect(await test.ports.positions.find(place)).toBeNull();
    expect((await test.request('DELETE', url(ada.id), { token: root.token })).statusCode).toBe(404);
  });

  it('keep one administrator', async () => {
    for (const body of [{ is_admin: false }, { is_active: false }]) {
      expect((await change(root.id, body)).json()).toMatchObject({ status: 409, code: 'conflict' });
    }
    expect((await test.request('DELETE', url(root.id), { token: root.token })).statusCode).toBe(409);
    expect(await isAlive(root)).toBe(true);
    await test.addUser('second', { isAdmin: true });
    expect((await test.request('DELETE', url(root.id), { token: root.token })).statusCode).toBe(204);
  });

  it('are for administrators, each of its own tenant', async () => {
    const ada = await test.addUser('ada');
    const stranger = await test.addUser('stranger', { tenantId: 'other' });
    for (const [method, path] of [
      ['GET', url()],
      ['POST', url()],
      ['PATCH', url(ada.id)],
      ['DELETE', url(ada.id)],
    ] as const) {
      const body = method === 'POST' ? { username: 'x', password: PASSWORD } : {};
      const options = method === 'POST' || method === 'PATCH' ? { body } : {};
      expect((await test.request(method, path, { token: ada.token, ...options })).statusCode).toBe(403);
      expect((await test.request(method, path, options)).statusCode).toBe(401);
    }
    expect((await change(stranger.id, { is_active: false })).statusCode).toBe(404);
    expect((await test.request('DELETE', url(stranger.id), { token: root.token })).statusCode).toBe(404);
    expect((await test.request('GET', url(), { token: root.token })).body).not.toContain('stranger');
  });
});
