import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveApp, LiveSocket } from '../live-app.ts';
import type { TestUser } from '../test-app.ts';

const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;

const FRAME_BYTES = 32 * 1024;

export async function order(live: LiveSocket, action: string, more: object = {}): Promise<string> {
  live.send({ type: 'request', action, ...more });
  return String((await live.next('acknowledgment'))['request_id']);
}

/** A gateway takes no frame of more than 32 KB; a message may have several (RFC 6455, 5.4). */
function sendInFrames({ socket }: LiveSocket, data: string | Buffer): void {
  for (let at = 0; at < data.length; at += FRAME_BYTES) {
    const end = at + FRAME_BYTES;
    socket.send(data.slice(at, end), { fin: end >= data.length });
  }
}

/** What a client says and hears, whoever holds its WebSocket: this server, or a gateway before it. */
export function describeLiveMessages(name: string, open: () => Promise<LiveApp>): void {
  describe(name, () => {
    let test: LiveApp;
    let ada: TestUser;
    beforeEach(async () => {
      test = await open();
      ada = await test.addUser('ada');
    });
    afterEach(() => test.close());

    it('acknowledges a request, tells how it goes on, and how it ends', async () => {
      const live = await test.connect({ token: ada.token });
      live.send({ type: 'request', id: 'mine', action: 'steered', payload: { a: 1 }, metadata: { row: 7 } });
      const acknowledgment = await live.next();
      expect(acknowledgment).toEqual({
        type: 'acknowledgment',
        id: 'mine',
        request_id: expect.any(String) as string,
        status: 'queued',
        message: expect.any(String) as string,
      });
      const requestId = String(acknowledgment['request_id']);
      const begun = await live.next();
      expect(begun).toMatchObject({ type: 'progress', request_id: requestId, seq: 2, percentage: 0 });
      test.report(requestId, 40, 'Halfway');
      expect(await live.next()).toEqual({
        type: 'progress',
        request_id: requestId,
        seq: 3,
        percentage: 40,
        message: 'Halfway',
        metadata: { row: 7 },
        timestamp: ISO,
      });
      test.finish(requestId, 'all done');
      expect(await live.next()).toEqual({
        type: 'complete',
        request_id: requestId,
        seq: 4,
        result: 'all done',
        metadata: { row: 7 },
        timestamp: ISO,
      });
      expect(await live.quiet()).toEqual([]);
      const kept = await test.ports.queue.find(requestId);
      expect(kept).toMatchObject({ userId: ada.id, payload: { a: 1 } });
      // The subscription has ended by itself.
      const { items } = await test.ports.subscriptions.listByRequest(requestId, { limit: 10 });
      expect(items).toEqual([]);
    });

    it('answers at once what can be answered at once', async () => {
      const live = await test.connect({ token: ada.token });
      live.send({ type: 'request', id: 5, action: 'echo', payload: { text: 'hello' } });
      expect(await live.next()).toEqual({
        type: 'response',
        id: 5,
        request_id: expect.any(String) as string,
        success: true,
        data: { text: 'hello', user: ada.id },
      });
      live.send({ type: 'request', id: 6, action: 'refuse' });
      expect(await live.next()).toEqual({
        type: 'response',
        id: 6,
        request_id: expect.any(String) as string,
        success: false,
        data: null,
        error: { code: 'not_found', message: 'There is nothing of this kind.', details: { kind: 'x' } },
      });
      live.send({ type: 'ping', id: 7 });
      expect(await live.next()).toEqual({ type: 'pong', id: 7 });
    });

    it('tells of a retry as progress, and of a failure as an error', async () => {
      const live = await test.connect({ token: ada.token });
      await order(live, 'flaky');
      const told: unknown[] = [];
      for (let message = await live.next(); ; message = await live.next()) {
        if (message.type === 'complete') {
          expect(message).toMatchObject({ result: 'at last' });
          break;
        }
        told.push(message['message']);
      }
      expect(told).toContain(
        'Attempt 1 failed (storage_unavailable: The disk is away.); trying again in 1 s.',
      );
      const requestId = await order(live, 'failing');
      expect(await live.next('error')).toEqual({
        type: 'error',
        request_id: requestId,
        seq: 3,
        error: {
          code: 'unsupported_media',
          message: 'No audio.',
          details: {
            errors: [{ field: 'payload.x', message: 'Bad.' }],
            attempts: [{ attempt: 1, at: ISO, code: 'unsupported_media', message: 'No audio.' }],
          },
        },
        timestamp: ISO,
      });
    });

    it('says where a large result is', async () => {
      const live = await test.connect({ token: ada.token });
      const requestId = await order(live, 'huge');
      const { result } = (await live.next('complete')) as unknown as {
        result: { result_url: string; size: number };
      };
      expect(result).toEqual({ result_url: `/api/requests/${requestId}/result`, size: 100_011 });
      const answer = await test.request('GET', result.result_url, { token: ada.token });
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toContain('application/json');
      expect(answer.json<{ text: string }>().text).toHaveLength(100_000);
    });

    it('cancels, whether it watches or not', async () => {
      const live = await test.connect({ token: ada.token });
      const other = await test.connect({ token: ada.token });
      const requestId = await order(live, 'steered');
      other.send({ type: 'cancel', request_id: requestId });
      const told = { type: 'error', request_id: requestId, seq: expect.any(Number) as number };
      const cancelled = {
        error: { code: 'cancelled', message: 'The request was cancelled.' },
        timestamp: ISO,
      };
      expect(await live.next('error')).toEqual({ ...told, ...cancelled });
      expect(await other.next('error')).toEqual({ ...told, ...cancelled });
      expect([await live.quiet(), await other.quiet(0)]).toEqual([[], []]);
      // A worker that had begun is stopped.
      expect(await test.ports.queue.find(requestId)).toMatchObject({ status: 'CANCELLED' });
      const done = await order(live, 'quick');
      await live.next('complete');
      live.send({ type: 'cancel', id: 'c', request_id: done });
      expect(await live.next()).toMatchObject({ id: 'c', request_id: done, error: { code: 'conflict' } });
    });

    it('tells a client that was cut off what it has missed', async () => {
      const first = await test.connect({ token: ada.token });
      const requestId = await order(first, 'steered');
      const { seq } = await first.next('progress');
      first.socket.terminate();
      await first.closed;
      test.report(requestId, 30, 'On and on');
      await expect.poll(async () => (await test.ports.queue.find(requestId))?.progress).toBe(30);
      const second = await test.connect({ token: ada.token });
      second.send({ type: 'subscribe', request_id: requestId, since: seq });
      expect(await second.next()).toMatchObject({ type: 'progress', seq: 3, percentage: 30 });
      second.send({ type: 'unsubscribe', request_id: requestId });
      second.send({ type: 'subscribe', request_id: requestId, since: 3 });
      expect(await second.quiet()).toEqual([]);
      second.socket.terminate();
      test.finish(requestId);
      await expect.poll(async () => (await test.ports.queue.find(requestId))?.status).toBe('COMPLETED');
      const third = await test.connect({ token: ada.token });
      third.send({ type: 'subscribe', request_id: requestId, since: 3 });
      expect(await third.next()).toMatchObject({ type: 'complete', seq: 4, result: 'done' });
      third.send({ type: 'subscribe', request_id: requestId });
      expect(await third.next()).toMatchObject({ type: 'complete', seq: 4 });
      third.send({ type: 'subscribe', request_id: requestId, since: 4 });
      expect(await third.quiet()).toEqual([]);
    });

    it('tells nothing after it was unsubscribed, and each state once after it was subscribed twice', async () => {
      const live = await test.connect({ token: ada.token });
      const other = await test.connect({ token: ada.token });
      const requestId = await order(live, 'steered');
      await live.next('progress');
      for (const each of ['subscribe', 'subscribe']) other.send({ type: each, request_id: requestId });
      expect((await other.quiet()).map(({ seq }) => seq)).toEqual([2, 2]);
      live.send({ type: 'unsubscribe', request_id: requestId });
      await live.quiet(50);
      test.report(requestId, 10, 'Ten');
      expect(await other.next()).toMatchObject({ seq: 3 });
      test.finish(requestId);
      expect(await other.next()).toMatchObject({ type: 'complete', seq: 4 });
      expect(await other.quiet()).toEqual([]);
      expect(await live.quiet(0)).toEqual([]);
    });

    it('is for the requests of its own user, and an administrator’s for those of the tenant', async () => {
      const live = await test.connect({ token: ada.token });
      const requestId = await order(live, 'steered');
      const bob = await test.connect({ token: (await test.addUser('bob')).token });
      const root = await test.connect({ token: (await test.addUser('root', { isAdmin: true })).token });
      const mallory = await test.addUser('mallory', { isAdmin: true, tenantId: 'others' });
      const stranger = await test.connect({ token: mallory.token });
      for (const each of [bob, stranger]) {
        for (const type of ['subscribe', 'cancel']) {
          each.send({ type, id: 1, request_id: requestId });
          const refused = await each.next();
          each.send({ type, id: 1, request_id: 'nothing-of-this-id' });
          const unknown = await each.next();
          expect(refused).toMatchObject({
            type: 'error',
            id: 1,
            request_id: requestId,
            error: { code: 'not_found' },
          });
          expect(refused['error']).toEqual(unknown['error']);
        }
      }
      root.send({ type: 'subscribe', request_id: requestId });
      expect(await root.next()).toMatchObject({ type: 'progress', request_id: requestId });
      test.finish(requestId);
      expect(await root.next('complete')).toMatchObject({ request_id: requestId });
      expect(await bob.quiet()).toEqual([]);
      expect(await stranger.quiet(0)).toEqual([]);
    });

    it('takes nobody’s word for who they are', async () => {
      const live = await test.connect({ token: ada.token });
      const requestId = await order(live, 'quick', {
        user_id: 'root',
        userId: 'root',
        tenant_id: 'x',
        connectionId: 'y',
      });
      const kept = await test.ports.queue.find(requestId);
      expect(kept).toMatchObject({ userId: ada.id, tenantId: 'default' });
      expect(kept?.connectionId).not.toBe('y');
      const { items } = await test.ports.connections.listByUser(ada.id, { limit: 10 });
      expect(items.map(({ connectionId }) => connectionId)).toEqual([kept?.connectionId]);
    });

    it.each([
      ['{', { code: 'invalid_input' }],
      ['[]', { code: 'invalid_input' }],
      ['null', { code: 'invalid_input' }],
      [Buffer.from('{"type":"ping"}'), { code: 'unsupported_media' }],
      ['{"type":"dance","id":"d"}', { code: 'invalid_input', details: { errors: [{ field: 'type' }] } }],
      ['{"type":"toString"}', { code: 'invalid_input' }],
      ['{"id":"d"}', { code: 'invalid_input' }],
      ['{"type":"subscribe"}', { code: 'invalid_input', details: { errors: [{ field: 'request_id' }] } }],
      [
        '{"type":"subscribe","request_id":"r","since":-1}',
        { code: 'invalid_input', details: { errors: [{ field: 'since' }] } },
      ],
      ['{"type":"request"}', { code: 'invalid_input', details: { errors: [{ field: 'action' }] } }],
      [
        '{"type":"request","action":"dance"}',
        {
          code: 'invalid_input',
          details: { actions: expect.arrayContaining(['echo', 'quick']) as string[] },
        },
      ],
      [
        '{"type":"request","action":"strict","payload":{"count":"x"}}',
        { code: 'invalid_input', details: { errors: [{ field: 'payload.count' }] } },
      ],
      [
        `{"type":"request","action":"quick","payload":${'['.repeat(60_000)}${']'.repeat(60_000)}}`,
        { code: 'invalid_input', details: { errors: [{ field: 'payload' }] } },
      ],
    ])('is answered with an error, and the connection lives: %.60s', async (data, error) => {
      const live = await test.connect({ token: ada.token });
      sendInFrames(live, data);
      expect(await live.next()).toMatchObject({ type: 'error', error, timestamp: ISO });
      live.send({ type: 'ping' });
      expect(await live.next()).toEqual({ type: 'pong' });
    });

    it('names the message that it answers', async () => {
      const live = await test.connect({ token: ada.token });
      live.send({ type: 'dance', id: 'd', request_id: 'r' });
      expect(await live.next()).toMatchObject({ id: 'd', request_id: 'r' });
      live.send({ type: 'request', id: 'e', action: 'dance' });
      expect(await live.next()).toMatchObject({ id: 'e' });
    });
  });
}
