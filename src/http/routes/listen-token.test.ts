import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLinkedApp, type LinkedApp } from '../../../test/linked-app.ts';

const COVER = '/api/listen/cover/0';

let test: LinkedApp;
beforeEach(async () => {
  test = await openLinkedApp();
});
afterEach(() => test.app.close());

describe('the token of /api/listen', () => {
  it.each(['link', 'public'] as const)(
    'must be that of a link that is valid now, with PLAYBACK=%s',
    async (playback) => {
      await test.app.close();
      test = await openLinkedApp({ policy: { playback } });
      const { id, token } = await test.linkTo('streams/s');
      const forged = `${token.slice(0, -4)}AAAA`;
      for (const wrong of [forged, 'x', `${id}.`, test.user.token]) {
        for (const url of ['/api/listen', COVER]) {
          const answer = await test.request('GET', `${url}?token=${encodeURIComponent(wrong)}`);
          expect(answer.statusCode).toBe(401);
          expect(answer.json()).toMatchObject({ code: 'unauthorized' });
        }
      }
      expect((await test.listen(token)).statusCode).toBe(200);
      await test.request('DELETE', `/api/streams/s/links/${id}`, { token: test.user.token });
      expect((await test.listen(token)).json()).toMatchObject({
        code: 'unauthorized',
        detail: 'This playback link is not valid any more.',
      });
    },
  );

  it('ends with its time, and with what it opens', async () => {
    let nowMs = Date.now();
    await test.app.close();
    test = await openLinkedApp({ clock: () => nowMs });
    const expires_at = new Date(nowMs + 60_000).toISOString();
    const { token } = await test.linkTo('streams/s', { expires_at });
    const lasting = await test.linkTo('streams/s');
    nowMs += 61_000;
    expect((await test.listen(token)).statusCode).toBe(401);
    expect((await test.listen(lasting.token)).statusCode).toBe(200);
    await test.request('DELETE', '/api/streams/s', { token: test.user.token });
    expect((await test.listen(lasting.token)).statusCode).toBe(401);
  });

  it.each(['session', 'session beside a forged one'])('a %s opens nothing', async (what) => {
    const { token } = await test.linkTo('streams/s');
    const query = what === 'session' ? '' : `?token=${token.slice(0, -4)}AAAA`;
    for (const url of ['/api/listen', COVER]) {
      const answer = await test.request('GET', url + query, { token: test.user.token });
      expect(answer.statusCode).toBe(what === 'session' ? 400 : 401);
    }
    expect((await test.request('GET', '/api/listen')).statusCode).toBe(401);
  });

  it('opens what it is for, whoever is logged in, and where nobody has to be', async () => {
    const { token } = await test.linkTo('streams/s');
    const stranger = await test.addUser('eve', { tenantId: 'others' });
    const answer = await test.request('GET', `/api/listen?token=${token}`, { token: stranger.token });
    expect(answer.json()).toMatchObject({ name: 's', track_count: 8 });
    await test.app.close();
    test = await openLinkedApp({ policy: { auth: 'off' } }, {});
    const headers = { host: '127.0.0.1:8080' };
    const made = await test.request('POST', '/api/streams/s/links', { headers, body: {} });
    const open = (query: string) => test.request('GET', `/api/listen${query}`, { headers });
    const { token: another } = made.json<{ token: string }>();
    expect((await open(`?token=${another}`)).json()).toMatchObject({ track_count: 8 });
    expect((await open('?token=x')).statusCode).toBe(401);
    expect((await open('')).statusCode).toBe(400);
  });

  it('opens nothing else', async () => {
    const { token } = await test.linkTo('streams/s');
    const body = (await test.listen(token)).body;
    for (const secret of ['tags', 'created_by', 'sha256', test.user.id, 'original']) {
      expect(body).not.toContain(secret);
    }
    for (const url of [
      '/api/audio/a.mp3',
      '/api/audio/a.mp3/info',
      '/api/audio/list',
      '/api/streams/queues',
      '/api/streams/s/queue',
      '/api/streams/s/plan',
      '/api/streams/s/links',
      '/api/requests',
      '/api/user/session',
    ]) {
      const { statusCode } = await test.request('GET', `${url}?token=${token}`);
      expect([401, 404]).toContain(statusCode);
    }
  });
});
