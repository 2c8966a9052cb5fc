import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp, type TestUser } from '../../../test/test-app.ts';

let test: TestApp;
let ada: TestUser;
beforeEach(async () => {
  test = await openTestApp();
  ada = await test.addUser('ada');
  await test.ports.streams.save({
    tenantId: 'default',
    name: 'bedtime',
    files: [],
    playMode: 'sequential',
    persistence: 'permanent',
  });
});
afterEach(() => test.app.close());

const links = '/api/streams/bedtime/links';

describe('playback links', () => {
  it('are made with a URL, listed without a token, and revoked', async () => {
    const made = await test.request('POST', links, {
      token: ada.token,
      headers: { host: 'earshot.local:8080' },
    });
    expect(made.statusCode).toBe(201);
    const { id, token, url } = made.json<{ id: string; token: string; url: string }>();
    expect(url).toBe(`http://earshot.local:8080/api/streams/bedtime/stream.mp3?token=${token}`);
    expect(encodeURIComponent(token)).toBe(token);
    const list = await test.request('GET', links, { token: ada.token });
    expect(list.json()).toMatchObject({ count: 1, links: [{ id, created_by: ada.id }] });
    expect(list.body).not.toContain(token);
    const remove = () => test.request('DELETE', `${links}/${id}`, { token: ada.token });
    expect((await remove()).statusCode).toBe(204);
    expect((await remove()).statusCode).toBe(404);
  });

  it('carry the public address', async () => {
    await test.app.close();
    test = await openTestApp({ streams: test.ports.streams }, { publicUrl: 'https://home.example/earshot' });
    ada = await test.addUser('ada');
    const body = { expires_at: '2099-01-01T00:00:00Z' };
    const made = await test.request('POST', links, { token: ada.token, body });
    expect(made.json()).toMatchObject({
      expires_at: '2099-01-01T00:00:00.000Z',
      url: expect.stringMatching(
        /^https:\/\/home\.example\/earshot\/api\/streams\/bedtime\/stream\.mp3\?token=/,
      ) as string,
    });
  });

  it.each([
    [404, '/api/streams/unknown/links'],
    [404, '/api/audio/unknown.mp3/links'],
    [400, '/api/audio/unknown.wav/links'],
    [400, '/api/audio/..%2Fetc.mp3/links'],
    [400, '/api/streams/a%20b/links'],
  ])('answer %i at %s', async (status, url) => {
    expect((await test.request('POST', url, { token: ada.token })).statusCode).toBe(status);
    expect((await test.request('GET', url, { token: ada.token })).statusCode).toBe(status);
  });

  it('need a user of the tenant who may write', async () => {
    const stranger = await test.addUser('stranger', { tenantId: 'other' });
    expect((await test.request('POST', links, { token: stranger.token })).statusCode).toBe(404);
    expect((await test.request('POST', links)).statusCode).toBe(401);
    const body = { name: 'reader', scopes: ['read'] };
    const key = await test.request('POST', '/api/user/keys', { token: ada.token, body });
    const { key: token } = key.json<{ key: string }>();
    expect((await test.request('POST', links, { token })).statusCode).toBe(403);
    expect((await test.request('GET', links, { token })).statusCode).toBe(200);
  });

  it('do not expire before they are made', async () => {
    const body = { expires_at: '2001-01-01T00:00:00Z' };
    const answer = await test.request('POST', links, { token: ada.token, body });
    expect(answer.json()).toMatchObject({ status: 400, errors: [{ field: 'expires_at' }] });
  });
});
