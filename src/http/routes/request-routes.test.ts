import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp, type TestUser } from '../../../test/test-app.ts';

let test: TestApp;
let ada: TestUser;
beforeEach(async () => {
  test = await openTestApp({ clock: () => Date.UTC(2026, 10, 21) });
  ada = await test.addUser('ada');
  await test.ports.queue.enqueue({
    requestId: 'r1',
    action: 'ingest',
    payload: { upload_key: 'uploads/x' },
    userId: ada.id,
    tenantId: 'default',
    maxRetries: 3,
  });
});
afterEach(() => test.app.close());

const get = (user: TestUser, id = 'r1') => test.request('GET', `/api/requests/${id}`, { token: user.token });

describe('a request', () => {
  it('is told of, without its payload', async () => {
    expect((await get(ada)).json()).toEqual({
      request_id: 'r1',
      action: 'ingest',
      status: 'PENDING',
      progress: 0,
      progress_message: '',
      result: null,
      error: null,
      retry_count: 0,
      max_retries: 3,
      created_at: '2026-11-21T00:00:00.000Z',
      processing_started: null,
      processing_ended: null,
    });
  });

  it('names the file that it is about, where there is one', async () => {
    await test.ports.queue.enqueue({
      requestId: 'r2',
      action: 'transcribe',
      payload: { filename: 'story.mp3' },
      userId: ada.id,
      tenantId: 'default',
      maxRetries: 3,
    });
    expect((await get(ada, 'r2')).json()).toMatchObject({ filename: 'story.mp3' });
  });

  it('says how it went', async () => {
    const [claimed] = await test.ports.queue.claim(['ingest'], 1000, 1);
    if (claimed === undefined) throw new Error('nothing to claim');
    await test.ports.queue.fail(claimed.lease, {
      code: 'unsupported_media',
      message: 'No audio.',
      retryable: false,
    });
    expect((await get(ada)).json()).toMatchObject({
      status: 'FAILED',
      error: { code: 'unsupported_media', message: 'No audio.' },
      processing_ended: '2026-11-21T00:00:00.000Z',
    });
  });

  it('is for its user and the administrators of the tenant', async () => {
    expect((await get(await test.addUser('bob'))).statusCode).toBe(404);
    expect((await get(await test.addUser('root', { isAdmin: true }))).statusCode).toBe(200);
    const stranger = await test.addUser('other-root', { isAdmin: true, tenantId: 'other' });
    expect((await get(stranger)).statusCode).toBe(404);
    expect((await get(ada, 'r3')).statusCode).toBe(404);
    expect((await test.request('GET', '/api/requests/r1')).statusCode).toBe(401);
  });
});
