import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../test/test-app.ts';

const PAGE = 'https://page.example';
let test: TestApp;
beforeEach(async () => {
  test = await openTestApp({}, { corsOrigins: [PAGE] });
});
afterEach(() => test.app.close());

const preflight = (url: string, method: string, origin: string) =>
  test.request('OPTIONS', url, {
    headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'range' },
  });

describe('CORS on playback routes', () => {
  it.each(['/api/audio/story.mp3', '/audio/story.mp3'])('lets every page play %s', async (url) => {
    const answer = await preflight(url, 'GET', 'https://elsewhere.example');
    expect(answer.statusCode).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'Range, If-Range',
      'access-control-max-age': '3600',
    });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('shows errors too, and what a player needs of the headers', async () => {
    const headers = { origin: 'https://elsewhere.example' };
    const answer = await test.request('GET', '/api/audio/story.mp3', { headers });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers['access-control-expose-headers']).toBe(
      'Content-Range, Content-Length, Accept-Ranges, ETag',
    );
    expect(answer.headers['cross-origin-resource-policy']).toBe('cross-origin');
  });

  it('does not let them write', async () => {
    const answer = await preflight('/api/audio/story.mp3', 'DELETE', 'https://elsewhere.example');
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('CORS on other routes', () => {
  it.each(['/api/audio/list', '/api/audio/search', '/api/streams/queues'])(
    'does not take %s for something that plays',
    async (url) => {
      const answer = await preflight(url, 'GET', 'https://elsewhere.example');
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  it('knows only the origins that the operator named', async () => {
    const named = await preflight('/api/user/session', 'DELETE', PAGE);
    expect(named.headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-credentials': 'true',
    });
    const other = await preflight('/api/user/session', 'GET', 'https://elsewhere.example');
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
    const headers = { origin: 'https://elsewhere.example' };
    const answer = await test.request('GET', '/api/audio/list', { headers });
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('lets a named origin write with the cookie', async () => {
    const { token } = await test.addUser('ada');
    const headers = { origin: PAGE, 'sec-fetch-site': 'cross-site' };
    const answer = await test.request('POST', '/api/user/logout', { cookie: token, headers });
    expect(answer.statusCode).toBe(204);
  });
});
