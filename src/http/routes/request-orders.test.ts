import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLiveApp, type LiveApp } from '../../../test/live-app.ts';
import type { TestUser } from '../../../test/test-app.ts';
import type { WireRequest } from '../schemas/request.ts';

let test: LiveApp;
let ada: TestUser;
beforeEach(async () => {
  test = await openLiveApp();
  ada = await test.addUser('ada');
});
afterEach(() => test.close());

const post = (body: Record<string, unknown>, headers: Record<string, string> = {}, token = ada.token) =>
  test.request('POST', '/api/requests', { token, body, headers });
const get = (path: string, token = ada.token) => test.request('GET', `/api/requests${path}`, { token });
const WAIT = { prefer: 'wait=10' };

describe('a request over HTTP', () => {
  it('is accepted, and told of where Location says', async () => {
    const answer = await post({ action: 'steered', payload: { a: 1 }, metadata: { row: 1 } });
    expect(answer.statusCode).toBe(202);
    const accepted = answer.json<WireRequest>();
    expect(accepted).toMatchObject({
      action: 'steered',
      status: 'PENDING',
      progress: 0,
      result: null,
      error: null,
    });
    const location = String(answer.headers.location);
    expect(location).toBe(`/api/requests/${accepted.request_id}`);
    test.finish(accepted.request_id, 'done');
    await expect
      .poll(async () => (await test.request('GET', location, { token: ada.token })).json<WireRequest>())
      .toMatchObject({ status: 'COMPLETED', progress: 100, result: 'done', error: null });
  });

  it('is waited for on wish, and answered as if it had been immediate', async () => {
    const done = await post({ action: 'quick', payload: 7 }, WAIT);
    expect(done.statusCode).toBe(200);
    expect(done.headers['preference-applied']).toBe('wait=10');
    expect(done.json()).toMatchObject({ status: 'COMPLETED', result: { payload: 7, done: true } });
    const failed = await post({ action: 'failing' }, WAIT);
    expect(failed.statusCode).toBe(415);
    expect(failed.headers['content-type']).toContain('application/problem+json');
    expect(failed.json()).toMatchObject({
      code: 'unsupported_media',
      detail: 'No audio.',
      errors: [{ field: 'payload.x', message: 'Bad.' }],
      details: {
        request_id: expect.any(String) as string,
        attempts: [{ attempt: 1, code: 'unsupported_media' }],
      },
    });
    const slow = await post({ action: 'steered' }, { prefer: 'wait=0' });
    expect(slow.statusCode).toBe(202);
    const waiting = post({ action: 'steered' }, WAIT);
    await expect.poll(async () => (await get('?status=PROCESSING')).json<{ count: number }>().count).toBe(2);
    const [newest] = (await get('?status=PROCESSING')).json<{ requests: WireRequest[] }>().requests;
    await test.request('POST', `/api/requests/${newest?.request_id}/cancel`, { token: ada.token });
    expect(await waiting.then((answer) => [answer.statusCode, answer.json<{ code: string }>().code])).toEqual(
      [409, 'cancelled'],
    );
  });

  it('is answered at once where the action is', async () => {
    const answer = await post({ action: 'echo', payload: { text: 'hello' } });
    expect(answer.statusCode).toBe(200);
    const { request_id: requestId, ...rest } = answer.json<WireRequest>();
    expect(rest).toMatchObject({ status: 'COMPLETED', result: { text: 'hello', user: ada.id } });
    expect((await get(`/${requestId}`)).statusCode).toBe(404);
    const refused = await post({ action: 'refuse' });
    expect(refused.statusCode).toBe(404);
    expect(refused.json()).toMatchObject({ code: 'not_found', details: { kind: 'x' } });
  });

  it('is refused with what would have been right', async () => {
    const unknown = await post({ action: 'dance' });
    expect(unknown.statusCode).toBe(400);
    expect(unknown.json()).toMatchObject({
      code: 'invalid_input',
      details: { actions: expect.arrayContaining(['quick', 'steered']) as string[] },
      errors: [{ field: 'action' }],
    });
    const off = await post({ action: 'strict', payload: { count: 'x', more: 1 } });
    expect(off.statusCode).toBe(400);
    expect(off.json()).toMatchObject({
      errors: expect.arrayContaining([expect.objectContaining({ field: 'payload.count' })]) as unknown[],
    });
    expect((await post({})).json()).toMatchObject({ code: 'invalid_input', errors: [{ field: 'action' }] });
    const large = await post({ action: 'quick', payload: 'x'.repeat(300_000) });
    expect(large.json()).toMatchObject({ status: 413, code: 'too_large', errors: [{ field: 'payload' }] });
    const metadata = { text: 'x'.repeat(5000) };
    expect((await post({ action: 'quick', metadata })).json()).toMatchObject({
      errors: [{ field: 'metadata' }],
    });
  });

  it('is refused when not every home could keep it as it is', async () => {
    const deep = JSON.parse('[1e-5,' + '['.repeat(40) + ']'.repeat(40) + ']') as unknown;
    for (const order of [{ payload: { deep } }, { metadata: { deep } }, { metadata: { large: 2 ** 60 } }]) {
      const refused = await post({ action: 'quick', ...order });
      expect(refused.statusCode).toBe(400);
      expect(refused.json()).toMatchObject({ errors: [{ field: Object.keys(order)[0] }] });
    }
  });

  it('is made once for an Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const first = await post({ action: 'steered' }, headers);
    const second = await post({ action: 'steered' }, headers);
    expect(second.json()).toEqual(first.json());
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect((await post({ action: 'quick' }, headers)).statusCode).toBe(409);
    expect((await get('')).json()).toMatchObject({ count: 1 });
  });

  it('shows its error while that matters, and what was tried', async () => {
    const { request_id: id } = (await post({ action: 'flaky' })).json<WireRequest>();
    await expect
      .poll(async () => (await get(`/${id}`)).json<WireRequest>(), { interval: 5 })
      .toMatchObject({
        status: 'RETRYING',
        retry_count: 1,
        error: {
          code: 'storage_unavailable',
          message: 'The disk is away.',
          attempts: [{ attempt: 1, at: expect.any(String) as string, code: 'storage_unavailable' }],
        },
      });
    await expect
      .poll(async () => (await get(`/${id}`)).json<WireRequest>(), { timeout: 5000 })
      .toMatchObject({ status: 'COMPLETED', error: null, result: 'at last', retry_count: 1 });
  });

  it('is cancelled, and begun anew', async () => {
    const { request_id: id } = (await post({ action: 'steered' })).json<WireRequest>();
    const cancel = () => test.request('POST', `/api/requests/${id}/cancel`, { token: ada.token });
    const retry = (headers = {}) =>
      test.request('POST', `/api/requests/${id}/retry`, { token: ada.token, headers });
    expect((await retry()).statusCode).toBe(409);
    expect((await cancel()).json()).toMatchObject({ status: 'CANCELLED', error: null });
    expect((await cancel()).statusCode).toBe(200);
    const again = await retry();
    expect(again.statusCode).toBe(202);
    expect(again.headers.location).toBe(`/api/requests/${id}`);
    expect(again.json()).toMatchObject({ request_id: id, status: 'PENDING' });
    await cancel();
    expect((await test.request('POST', '/api/requests/none/cancel', { token: ada.token })).statusCode).toBe(
      404,
    );
    const failed = (await post({ action: 'failing' }, WAIT)).json<{ details: { request_id: string } }>();
    const url = `/api/requests/${failed.details.request_id}/retry`;
    expect((await test.request('POST', url, { token: ada.token, headers: WAIT })).statusCode).toBe(415);
    const { request_id: done } = (await post({ action: 'quick' }, WAIT)).json<WireRequest>();
    const late = await test.request('POST', `/api/requests/${done}/cancel`, { token: ada.token });
    expect([late.statusCode, late.json<{ code: string }>().code]).toEqual([409, 'conflict']);
  });

  it('has a result that can be fetched, however large', async () => {
    const { request_id: id, result } = (await post({ action: 'huge' }, WAIT)).json<WireRequest>();
    expect(result).toEqual({ result_url: `/api/requests/${id}/result`, size: 100_011 });
    const kept = await get(`/${id}/result`);
    expect(kept.headers).toMatchObject({
      'content-length': '100011',
      'content-type': expect.stringContaining('json') as string,
    });
    expect(kept.json<{ text: string }>().text).toMatch(/^x{100000}$/);
    const { request_id: small } = (await post({ action: 'quick', payload: 1 }, WAIT)).json<WireRequest>();
    expect((await get(`/${small}/result`)).json()).toEqual({ payload: 1, done: true });
    const { request_id: open } = (await post({ action: 'steered' })).json<WireRequest>();
    expect((await get(`/${open}/result`)).json()).toMatchObject({ status: 409, code: 'not_ready' });
    await test.request('POST', `/api/requests/${open}/cancel`, { token: ada.token });
    expect((await get(`/${open}/result`)).json()).toMatchObject({ status: 409, code: 'conflict' });
    const bob = await test.addUser('bob');
    expect((await get(`/${id}/result`, bob.token)).statusCode).toBe(404);
  });
});

describe('the list of requests', () => {
  interface List {
    readonly requests: WireRequest[];
    readonly count: number;
    readonly next_cursor?: string;
  }

  it('is of the user, the newest first, page by page', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      ids.unshift(
        (await post({ action: count === 0 ? 'steered' : 'quick' }, WAIT_NONE)).json<WireRequest>().request_id,
      );
    }
    const bob = await test.addUser('bob');
    await post({ action: 'quick' }, WAIT, bob.token);
    await expect.poll(async () => (await get('?status=COMPLETED')).json<List>().count).toBe(4);
    const seen: string[] = [];
    for (let path = '?limit=2'; path !== '';) {
      const page = (await get(path)).json<List>();
      expect(page.count).toBe(page.requests.length);
      seen.push(...page.requests.map((each) => each.request_id));
      path = page.next_cursor === undefined ? '' : `?limit=2&cursor=${page.next_cursor}`;
    }
    expect(seen).toEqual(ids);
    expect((await get('?action=steered')).json<List>().requests.map((each) => each.request_id)).toEqual(
      ids.slice(-1),
    );
    expect((await get('?status=FAILED')).json()).toEqual({ requests: [], count: 0 });
    const { next_cursor: cursor } = (await get('?limit=2')).json<List>();
    expect((await get(`?limit=2&action=quick&cursor=${cursor}`)).statusCode).toBe(400);
    expect((await get(`?limit=2&cursor=${cursor}`, bob.token)).statusCode).toBe(400);
    expect((await get('?status=WAITING')).statusCode).toBe(400);
  });

  it('is of the tenant for an administrator, or of a user of it', async () => {
    await post({ action: 'quick' }, WAIT);
    const root = await test.addUser('root', { isAdmin: true });
    await post({ action: 'quick' }, WAIT, root.token);
    const mallory = await test.addUser('mallory', { isAdmin: true, tenantId: 'others' });
    expect((await get('', root.token)).json()).toMatchObject({ count: 2 });
    expect((await get(`?user=${ada.id}`, root.token)).json()).toMatchObject({ count: 1 });
    expect((await get(`?user=${ada.id}`, mallory.token)).json()).toMatchObject({ count: 0 });
    expect((await get(`?user=${ada.id}`)).json()).toMatchObject({ count: 1 });
    expect((await get(`?user=${root.id}`)).json()).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it('is not of the tenant for a key of an administrator that does not administer', async () => {
    const { request_id: id } = (await post({ action: 'steered' })).json<WireRequest>();
    const root = await test.addUser('root', { isAdmin: true });
    const keyFor = async (scopes: readonly string[]): Promise<string> => {
      const body = { name: scopes.join('-'), scopes };
      const made = await test.request('POST', '/api/user/keys', { token: root.token, body });
      return made.json<{ key: string }>().key;
    };
    const cancel = (token: string) => test.request('POST', `/api/requests/${id}/cancel`, { token });
    const writer = await keyFor(['read', 'write']);
    expect((await get('', writer)).json()).toMatchObject({ count: 0 });
    expect((await get(`?user=${ada.id}`, writer)).statusCode).toBe(403);
    expect((await get(`/${id}`, writer)).statusCode).toBe(404);
    expect((await cancel(writer)).statusCode).toBe(404);
    const administrator = await keyFor(['admin']);
    expect((await get('', administrator)).json()).toMatchObject({ count: 1 });
    expect((await cancel(administrator)).statusCode).toBe(200);
  });
});

const WAIT_NONE = { prefer: 'wait=0' };
