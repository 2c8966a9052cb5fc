import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../test/test-app.ts';

let test: TestApp;
beforeEach(async () => {
  test = await openTestApp({ policy: { auth: 'off' } }, { corsOrigins: ['http://localhost:5173'] });
});
afterEach(() => test.app.close());

describe('without authentication', () => {
  it('makes everybody an administrator of the default tenant', async () => {
    const answer = await test.request('GET', '/api/user/session', { headers: { host: '127.0.0.1:8080' } });
    expect(answer.json()).toEqual({
      user: { id: 'local', username: 'admin', is_admin: true, tenant_id: 'default' },
      scopes: ['play', 'read', 'write', 'admin'],
      kind: 'local',
    });
  });

  it('has no accounts to change', async () => {
    const answer = await test.request('GET', '/api/user/keys');
    expect(answer.statusCode).toBe(409);
  });

  it.each<[number, Record<string, string>]>([
    [200, { host: 'localhost' }],
    [200, { host: 'LOCALHOST:8080' }],
    [200, { host: '[::1]:8080' }],
    [200, { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }],
    [200, { host: '127.0.0.1:8080', 'sec-fetch-site': 'same-origin' }],
    [200, { host: 'localhost:8080', origin: 'http://localhost:5173', 'sec-fetch-site': 'same-site' }],
    [
      200,
      {
        host: 'localhost',
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      },
    ],
    [
      403,
      {
        host: 'localhost',
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'iframe',
      },
    ],
    [403, { host: 'evil.example' }],
    [403, { host: 'localhost.evil.example:8080' }],
    [403, { host: '127.0.0.1.nip.io' }],
    [403, { host: '127.0.0.1:8080', origin: 'http://evil.example' }],
    [403, { host: '127.0.0.1:8080', origin: 'http://localhost:8080' }],
    [403, { host: '127.0.0.1:8080', origin: 'null' }],
    [403, { host: '127.0.0.1:8080', 'sec-fetch-site': 'cross-site' }],
    [403, { host: '127.0.0.1:8080', 'sec-fetch-site': 'same-site' }],
  ])('answers %i to %j', async (expected, headers) => {
    expect((await test.request('GET', '/api/user/session', { headers })).statusCode).toBe(expected);
  });

  it('plays for pages from elsewhere, but never under a foreign name', async () => {
    const headers = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' };
    const played = { ...headers, host: '127.0.0.1:8080' };
    expect((await test.request('GET', '/api/audio/story.mp3', { headers: played })).statusCode).toBe(404);
    expect((await test.request('DELETE', '/api/audio/story.mp3', { headers: played })).statusCode).toBe(403);
    const rebound = { ...headers, host: 'evil.example' };
    expect((await test.request('GET', '/api/audio/story.mp3', { headers: rebound })).statusCode).toBe(403);
  });
});
