import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addTrack } from '../../../test/stream-library.ts';
import { openTestApp } from '../../../test/test-app.ts';
import type { TestApp, TestUser } from '../../../test/test-app.ts';

describe('streams', () => {
  let nowMs: number;
  let test: TestApp;
  let user: TestUser;
  beforeEach(async () => {
    nowMs = Date.UTC(2026, 10, 21, 12);
    test = await openTestApp({ clock: () => nowMs });
    user = await test.addUser('ann');
    await addTrack(test.ports, 'a.mp3', 100);
  });
  afterEach(() => test.app.close());

  const call = (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: Record<string, unknown>,
  ) => test.request(method, `/api/streams${path}`, { token: user.token, ...(body && { body }) });
  const make = (name: string, body: Record<string, unknown> = {}) =>
    call('PUT', `/${name}/queue`, { files: ['a.mp3', 'a.mp3'], ...body });

  it('are listed by name, page by page, with the state of their storage', async () => {
    for (const name of ['c', 'a', 'b']) expect((await make(name)).statusCode).toBe(201);
    const first = await call('GET', '/queues?limit=2');
    expect(first.json()).toMatchObject({
      queues: [
        { name: 'a', file_count: 2, duration: 5.224, play_mode: 'sequential', persistence: 'permanent' },
        { name: 'b' },
      ],
      count: 2,
      storage: { kind: 'memory', persistent: false },
    });
    const cursor = first.json<{ next_cursor: string }>().next_cursor;
    const second = await call('GET', `/queues?limit=2&cursor=${cursor}`);
    expect(second.json()).toMatchObject({ queues: [{ name: 'c' }], count: 1 });
    expect(second.json()).not.toHaveProperty('next_cursor');
    expect((await call('GET', `/queues?cursor=${cursor}x`)).statusCode).toBe(400);
  });

  it('are one tenant’s, and for who may', async () => {
    await make('a');
    const stranger = await test.addUser('eve', { tenantId: 'elsewhere' });
    const asStranger = { token: stranger.token };
    expect((await test.request('GET', '/api/streams/a/queue', asStranger)).statusCode).toBe(404);
    expect((await test.request('GET', '/api/streams/queues', asStranger)).json()).toMatchObject({
      queues: [],
    });
    expect((await test.request('GET', '/api/streams/a/stream.mp3', asStranger)).statusCode).toBe(404);
    for (const url of [
      '/api/streams/queues',
      '/api/streams/a/queue',
      '/api/streams/a/plan',
      '/api/streams/export',
    ]) {
      expect((await test.request('GET', url)).statusCode).toBe(401);
    }
    expect((await test.request('GET', '/api/streams/a/stream.mp3')).statusCode).toBe(401);
  });

  it.each([
    ['sequential', { loop: true }, 'loop'],
    ['loop', { loop: false }, 'sequential'],
    ['shuffle', { loop: false }, 'shuffle'],
    ['endless-shuffle', { loop: false }, 'endless-shuffle'],
    ['loop', { title: 'Good night' }, 'loop'],
    ['loop', { play_mode: 'shuffle', loop: true }, 'shuffle'],
  ])('of mode %s, edited by %j, are of mode %s', async (before, edit, after) => {
    await make('s', { play_mode: before });
    const answer = await call('PATCH', '/s', edit);
    expect(answer.json()).toMatchObject({
      success: true,
      queue: { play_mode: after, loop: after === 'loop' },
    });
    expect((await call('GET', '/s/queue')).json()).toMatchObject({ play_mode: after });
  });

  it('take a title, and lose it again', async () => {
    await make('s');
    expect((await call('PATCH', '/s', { title: '  Good night ' })).json()).toMatchObject({
      queue: { title: 'Good night' },
    });
    const cleared = (await call('PATCH', '/s', { title: '' })).json<{ queue: object }>();
    expect(cleared.queue).not.toHaveProperty('title');
  });

  it('with a time to live go when it is over', async () => {
    const made = await make('s', { persistence: 'session', ttl_s: 60 });
    expect(made.json()).toMatchObject({
      queue: { persistence: 'session', expires_at: '2026-11-21T12:01:00.000Z' },
    });
    nowMs += 59_999;
    expect((await call('GET', '/s/queue')).statusCode).toBe(200);
    nowMs += 1;
    expect((await call('GET', '/s/queue')).statusCode).toBe(404);
  });

  it('of a session go with it, and are permanent when that is asked for', async () => {
    await make('gone', { persistence: 'session' });
    await make('kept', { persistence: 'session', ttl_s: 3600 });
    const kept = (await call('PATCH', '/kept', { persistence: 'permanent' })).json<{ queue: object }>();
    expect(kept.queue).not.toHaveProperty('expires_at');
    await test.ports.streams.deleteBySession('default', user.sessionId);
    expect((await call('GET', '/gone/queue')).statusCode).toBe(404);
    expect((await call('GET', '/kept/queue')).statusCode).toBe(200);
  });

  it('of a key, which has no session, need a time to live', async () => {
    const key = await test.request('POST', '/api/user/keys', {
      token: user.token,
      body: { name: 'k', scopes: ['read', 'write'] },
    });
    const token = key.json<{ key: string }>().key;
    const body = { files: [], persistence: 'session' };
    const answer = await test.request('PUT', '/api/streams/s/queue', { token, body });
    expect(answer.json()).toMatchObject({ status: 400, errors: [{ field: 'ttl_s' }] });
    const timed = await test.request('PUT', '/api/streams/s/queue', { token, body: { ...body, ttl_s: 5 } });
    expect(timed.statusCode).toBe(201);
  });

  it.each([
    ['nothing', {}],
    ['a permanent one with a time to live', { persistence: 'permanent', ttl_s: 5 }],
    ['no time to live at all', { ttl_s: 0 }],
    ['an unknown mode', { play_mode: 'backwards' }],
    ['a title of two lines', { title: 'a\nb' }],
  ])('are not edited to %s', async (_what, body) => {
    await make('s');
    expect((await call('PATCH', '/s', body)).statusCode).toBe(400);
  });

  it('are deleted with their links and positions', async () => {
    await make('s');
    const target = { kind: 'stream', tenantId: 'default', name: 's' } as const;
    await test.ports.links.create({ ...target, id: 'l', createdBy: user.id, createdAtMs: nowMs });
    await test.ports.positions.save({ ...target, userId: user.id }, { positionMs: 1, updatedAtMs: nowMs });
    expect((await call('DELETE', '/s')).statusCode).toBe(204);
    expect((await call('GET', '/s/queue')).statusCode).toBe(404);
    expect(await test.ports.links.find('l')).toBeNull();
    expect(await test.ports.positions.find({ ...target, userId: user.id })).toBeNull();
    expect((await call('DELETE', '/s')).statusCode).toBe(404);
    expect((await call('PATCH', '/s', { loop: true })).statusCode).toBe(404);
  });
});
