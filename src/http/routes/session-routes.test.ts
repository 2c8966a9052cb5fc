import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, PASSWORD, type TestApp } from '../../../test/test-app.ts';

let test: TestApp;
beforeEach(async () => {
  test = await openTestApp({}, { rateLimits: { loginsPerMinute: 3 } });
});
afterEach(() => test.app.close());

const logIn = (username: string, password: string, remoteAddress = '192.0.2.1') =>
  test.app.inject({
    method: 'POST',
    url: '/api/user/login',
    payload: { username, password },
    remoteAddress,
  });

describe('login', () => {
  it('opens a session, by token and by cookie', async () => {
    const { id } = await test.addUser('Ada');
    const answer = await logIn('ada', PASSWORD);
    expect(answer.statusCode).toBe(200);
    const { token, user } = answer.json<{ token: string; user: unknown }>();
    expect(user).toEqual({ id, username: 'Ada', is_admin: false, tenant_id: 'default' });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.cookies).toEqual([
      expect.objectContaining({ name: 'session', value: token, httpOnly: true, sameSite: 'Lax', path: '/' }),
    ]);
    expect(answer.cookies[0]).not.toHaveProperty('secure');
    const session = await test.request('GET', '/api/user/session', { token });
    expect(session.json()).toMatchObject({ user, kind: 'session', scopes: ['play', 'read', 'write'] });
  });

  it('has a Secure cookie where the address is https', async () => {
    await test.app.close();
    test = await openTestApp({}, { publicUrl: 'https://earshot.example' });
    await test.addUser('ada');
    expect((await logIn('ada', PASSWORD)).cookies[0]).toMatchObject({ secure: true });
  });

  it('answers alike to an unknown name, a wrong password and an inactive user', async () => {
    const { id } = await test.addUser('ada');
    await test.addUser('bob');
    const wrong = await logIn('bob', 'something else');
    const unknown = await logIn('nobody', PASSWORD);
    const user = await test.ports.users.findById(id);
    if (user === null) throw new Error('no such user');
    await test.ports.users.save({ ...user, isActive: false }, user.revision);
    const inactive = await logIn('ada', PASSWORD);
    for (const answer of [wrong, unknown, inactive]) {
      expect(answer.statusCode).toBe(401);
      expect(answer.json()).toMatchObject({ detail: 'The user name or the password is wrong.' });
    }
  });

  it('is limited for one address, and for one name from many', async () => {
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      expect(
        (await logIn(name, 'wrong'), await logIn('ada', 'wrong', `192.0.2.${index + 10}`)).statusCode,
      ).toBe(401);
    }
    const sameAddress = await logIn('d', 'wrong');
    const sameName = await logIn('ADA', 'wrong', '192.0.2.99');
    for (const answer of [sameAddress, sameName]) {
      expect(answer.statusCode).toBe(429);
      expect(answer.json()).toMatchObject({ code: 'rate_limited' });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
  });
});

describe('logout', () => {
  it('ends the session everywhere, and its streams', async () => {
    const ada = await test.addUser('ada');
    await test.ports.streams.save({
      tenantId: 'default',
      name: 'tonight',
      files: [],
      playMode: 'sequential',
      persistence: 'session',
      sessionId: ada.sessionId,
    });
    const answer = await test.request('POST', '/api/user/logout', { token: ada.token });
    expect(answer.statusCode).toBe(204);
    expect(answer.cookies[0]).toMatchObject({ name: 'session', value: '' });
    expect((await test.request('GET', '/api/user/session', { token: ada.token })).statusCode).toBe(401);
    expect(await test.ports.streams.find('default', 'tonight')).toBeNull();
  });

  it('clears the cookie of a session that is gone', async () => {
    const answer = await test.request('POST', '/api/user/logout', { cookie: 'es_stale' });
    expect(answer.statusCode).toBe(204);
    expect(answer.cookies[0]).toMatchObject({ name: 'session', value: '' });
  });
});

describe('the general limit', () => {
  it('does not count playback', async () => {
    await test.app.close();
    test = await openTestApp({}, { rateLimits: { requestsPerMinute: 2 } });
    const statuses = [];
    for (let i = 0; i < 4; i += 1) {
      statuses.push((await test.request('GET', '/api/audio/story.mp3')).statusCode);
      statuses.push((await test.request('GET', '/api/user/session')).statusCode);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 401, 429]);
  });
});
