import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../domain/caller.ts';
import { openTestApp, PASSWORD, type TestApp } from '../../test/test-app.ts';
import { createApiKey } from '../services/api-keys.ts';
import { createPlaybackLink } from '../services/playback-links.ts';

let nowMs = 1_795_000_000_000;
let test: TestApp;

beforeEach(async () => {
  nowMs = 1_795_000_000_000;
  test = await openTestApp({ clock: () => nowMs });
});
afterEach(() => test.app.close());

const status = async (...args: Parameters<TestApp['request']>): Promise<number> =>
  (await test.request(...args)).statusCode;

async function callerOf(user: { id: string; sessionId: string }): Promise<Caller> {
  const found = await test.ports.users.findById(user.id);
  if (found === null) throw new Error('no such user');
  const { username, tenantId, isAdmin } = found;
  return {
    userId: user.id,
    username,
    tenantId,
    isAdmin,
    scopes: ['play', 'read', 'write'],
    sessionId: user.sessionId,
  };
}

describe('a session', () => {
  it('works as bearer and as cookie until it ends', async () => {
    const { token } = await test.addUser('ada');
    expect(await status('GET', '/api/user/session', { token })).toBe(200);
    expect(await status('GET', '/api/user/session', { cookie: token })).toBe(200);
    nowMs += test.ports.policy.sessionTtlMs;
    expect(await status('GET', '/api/user/session', { token })).toBe(401);
  });

  it('is refused at once when its user is deactivated', async () => {
    const ada = await test.addUser('ada');
    const user = await test.ports.users.findById(ada.id);
    if (user === null) throw new Error('no such user');
    await test.ports.users.save({ ...user, isActive: false }, user.revision);
    expect(await status('GET', '/api/user/session', { token: ada.token })).toBe(401);
  });

  it.each(['Basic YTpi', 'Bearer', 'Bearer es_forged', `Bearer es_${'A'.repeat(43)}`, 'es_x'])(
    'is not %j',
    async (authorization) => {
      const answer = await test.request('GET', '/api/user/session', { headers: { authorization } });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    },
  );

  it('is not asked for where nobody is', async () => {
    expect(await status('GET', '/health', { token: 'es_forged' })).toBe(200);
    const body = { username: 'nobody', password: PASSWORD };
    const login = await test.request('POST', '/api/user/login', { cookie: 'es_stale', body });
    expect(login.json()).toMatchObject({
      code: 'unauthorized',
      detail: expect.stringContaining('wrong') as string,
    });
  });
});

describe('a write with the cookie', () => {
  it.each<[number, Record<string, string>]>([
    [204, { origin: 'http://localhost:80' }],
    [204, { 'sec-fetch-site': 'same-origin' }],
    [204, { 'sec-fetch-site': 'none' }],
    [403, {}],
    [403, { 'sec-fetch-site': 'same-site' }],
    [403, { 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' }],
    [403, { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:81' }],
    [403, { origin: 'null' }],
  ])('answers %i to %j', async (expected, headers) => {
    const { token } = await test.addUser('ada');
    const answer = await test.request('POST', '/api/user/logout', {
      cookie: token,
      headers: { host: 'localhost:80', ...headers },
    });
    expect(answer.statusCode).toBe(expected);
  });
});

describe('an API key', () => {
  it('may what its scopes say, until it expires', async () => {
    const caller = await callerOf(await test.addUser('ada'));
    const wanted = { name: 'radio', scopes: ['read'] as const, expiresAtMs: nowMs + 1000 };
    const { token } = await createApiKey(test.ports, caller, wanted);
    expect(await status('GET', '/api/user/session', { token })).toBe(200);
    expect(await status('GET', '/api/user/keys', { token })).toBe(403);
    expect(await status('GET', '/api/admin/users', { token })).toBe(403);
    nowMs += 1000;
    expect(await status('GET', '/api/user/session', { token })).toBe(401);
  });
});

describe('a playback link', () => {
  async function makeLink(expiresAtMs?: number): Promise<{ token: string; id: string }> {
    const caller = await callerOf(await test.addUser('ada'));
    await test.ports.streams.save({
      tenantId: 'default',
      name: 'bedtime',
      files: [],
      playMode: 'sequential',
      persistence: 'permanent',
    });
    const target = { kind: 'stream', name: 'bedtime' } as const;
    const { token, link } = await createPlaybackLink(test.ports, caller, target, expiresAtMs);
    return { token, id: link.id };
  }

  it('opens nothing but playback routes', async () => {
    const { token } = await makeLink();
    expect(await status('GET', `/api/user/session?token=${token}`)).toBe(401);
    expect(await status('GET', '/api/user/session', { token })).toBe(401);
    // Not the target of this link, so it is as if there were no such file.
    expect(await status('GET', `/api/audio/story.mp3?token=${token}`)).toBe(404);
  });

  it.each(['forged', 'another target', 'expired', 'revoked'])('is refused when %s', async (what) => {
    const { token, id } = await makeLink(nowMs + 1000);
    const mac = token.slice(token.indexOf('.') + 1);
    if (what === 'expired') nowMs += 1000;
    if (what === 'revoked') {
      await test.ports.links.delete({ kind: 'stream', tenantId: 'default', name: 'bedtime' }, id);
    }
    if (what === 'another target') {
      const link = await test.ports.links.find(id);
      if (link === null) throw new Error('no such link');
      await test.ports.links.delete(link, id);
      await test.ports.links.create({ ...link, kind: 'file', name: 'story.mp3' });
    }
    const sent = what === 'forged' ? `${id}.${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}` : token;
    expect(await status('GET', `/api/audio/story.mp3?token=${sent}`)).toBe(401);
  });

  it('is not needed with PLAYBACK=public, and a stale one does no harm', async () => {
    await test.app.close();
    test = await openTestApp({ policy: { playback: 'public' } });
    expect(await status('GET', '/api/audio/story.mp3')).toBe(404);
    expect(await status('GET', '/api/audio/story.mp3?token=stale')).toBe(404);
    expect(await status('GET', '/api/audio/story.mp3', { token: 'es_stale' })).toBe(404);
    expect(await status('GET', '/api/user/session')).toBe(401);
  });
});

describe('a stranger', () => {
  it.each([
    ['POST', '/api/streams/s/queue', { no: 'files' }],
    ['GET', '/api/audio/list?limit=many', undefined],
    ['GET', '/api/streams/s/stream.mp3?seed=none', undefined],
  ] as const)('is not told what is wrong with %s %s', async (method, url, body) => {
    const answer = await test.request(method, url, body === undefined ? {} : { body });
    expect([answer.statusCode, answer.json<{ errors?: unknown }>().errors]).toEqual([401, undefined]);
  });
});
