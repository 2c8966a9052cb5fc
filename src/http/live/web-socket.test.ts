import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeLiveMessages, order } from '../../../test/contracts/live-messages.contract.ts';
import { openLiveApp, type LiveApp } from '../../../test/live-app.ts';
import type { TestUser } from '../../../test/test-app.ts';

describeLiveMessages('a WebSocket', () => openLiveApp({ random: () => 1 }));

describe('a WebSocket of this server', () => {
  let test: LiveApp;
  let ada: TestUser;
  beforeEach(async () => {
    test = await openLiveApp({ random: () => 1 });
    ada = await test.addUser('ada');
  });
  afterEach(() => test.close());

  it('leaves nothing behind but its requests', async () => {
    const live = await test.connect({ token: ada.token });
    const requestId = await order(live, 'steered');
    expect(test.ports.hub.watched()).toEqual([requestId]);
    live.socket.close(1000);
    await live.closed;
    await expect
      .poll(async () => (await test.ports.connections.listByUser(ada.id, { limit: 10 })).items)
      .toEqual([]);
    expect((await test.ports.subscriptions.listByRequest(requestId, { limit: 10 })).items).toEqual([]);
    expect(test.ports.hub.watched()).toEqual([]);
    expect(test.ports.localConnections.size).toBe(0);
    test.finish(requestId);
    await expect.poll(async () => (await test.ports.queue.find(requestId))?.status).toBe('COMPLETED');
  });

  it.each([' '.repeat(128 * 1024 + 1), 'x'.repeat(3 * 1024 * 1024)])(
    'is told what is too large, and lives: %.20s',
    async (data) => {
      const live = await test.connect({ token: ada.token });
      live.socket.send(data);
      expect(await live.next()).toMatchObject({ type: 'error', error: { code: 'too_large' } });
      live.send({ type: 'ping' });
      expect(await live.next()).toEqual({ type: 'pong' });
    },
  );

  it('ends the connection where it is beyond all measure, or breaks the protocol', async () => {
    const live = await test.connect({ token: ada.token });
    live.send('x'.repeat(4 * 1024 * 1024 + 1));
    expect(await live.closed).toMatchObject({ code: 1009 });
  });
});
