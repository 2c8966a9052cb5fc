import { afterEach, beforeEach, expect, it } from 'vitest';
import { audioFile } from '../../../test/sample-records.ts';
import { openTestApp, type TestApp } from '../../../test/test-app.ts';

let test: TestApp;
let token: string;
let nowMs: number;

beforeEach(async () => {
  nowMs = 1_795_000_000_000;
  test = await openTestApp({ clock: () => nowMs });
  ({ token } = await test.addUser('ada'));
  await test.ports.streams.save({
    tenantId: 'default',
    name: 'my-story',
    files: [],
    playMode: 'sequential',
    persistence: 'permanent',
  });
  await test.ports.audioFiles.create(audioFile('my-story.mp3', { state: 'processing' }));
});
afterEach(() => test.app.close());

const PLACES = ['/api/audio/my-story.mp3/position', '/api/streams/my-story/position'];

it.each(PLACES)('%s remembers, for each user', async (url) => {
  expect((await test.request('GET', url, { token })).statusCode).toBe(404);
  const saved = await test.request('PUT', url, { token, body: { position_s: 12.3456 } });
  expect(saved.statusCode).toBe(200);
  expect(saved.json()).toEqual({ position_s: 12.346, updated_at: '2026-11-18T11:06:40.000Z' });
  nowMs += 1000;
  expect((await test.request('GET', url, { token })).json()).toEqual(saved.json());
  const eve = await test.addUser('eve');
  expect((await test.request('GET', url, { token: eve.token })).statusCode).toBe(404);
  expect((await test.request('GET', url)).statusCode).toBe(401);
});

it('keeps a file and a stream apart', async () => {
  await test.request('PUT', PLACES[0] ?? '', { token, body: { position_s: 1 } });
  expect((await test.request('GET', PLACES[1] ?? '', { token })).statusCode).toBe(404);
});

it.each([
  ['/api/audio/nobody.mp3/position', 404],
  ['/api/audio/nobody/position', 400],
  ['/api/streams/nobody/position', 404],
  ['/api/streams/no%20body/position', 400],
])('%s is nowhere', async (url, status) => {
  expect((await test.request('GET', url, { token })).statusCode).toBe(status);
  expect((await test.request('PUT', url, { token, body: { position_s: 1 } })).statusCode).toBe(status);
});

it.each([{}, { position_s: -1 }, { position_s: '1' }, { position_s: 1e12 }, { position_s: null }])(
  'refuses %j',
  async (body) => {
    expect((await test.request('PUT', PLACES[0] ?? '', { token, body })).statusCode).toBe(400);
  },
);
