import type { Route, WebSocket } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';

const underWay = (id: string) => ({
  request_id: id,
  action: 'ingest',
  filename: `${id}.mp3`,
  status: 'PROCESSING',
  progress: 30,
  progress_message: '',
  result: null,
  error: null,
  retry_count: 0,
  max_retries: 3,
  created_at: '2026-11-21T08:30:00.000Z',
  processing_started: '2026-11-21T08:30:00.000Z',
  processing_ended: null,
});

describe.skipIf(chromiumPath === null)('what is told live', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
  });
  afterAll(() => home.close());

  it('comes over one WebSocket, also where there was nothing to be told for a moment', async () => {
    const page = await home.openPage('/settings/account');
    const sockets: WebSocket[] = [];
    page.on('websocket', (socket) => sockets.push(socket));
    let requests = [underWay('first')];
    await page.route('**/api/requests?status=PROCESSING*', (route) => route.fulfill({ json: { requests } }));
    const held: Route[] = [];
    await page.route('**/api/ws/ticket', (route) => void held.push(route));
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Work' }).click();

    await expect.poll(() => held.length).toBe(1);
    requests = [];
    await page.getByText('Nothing is under way.').waitFor();
    requests = [underWay('second')];
    await expect.poll(() => held.length).toBe(2);
    // Both have what they need for a socket of their own; the first is wanted no more.
    for (const route of held) {
      const answered = page.waitForResponse('**/api/ws/ticket');
      await route.continue();
      await (await answered).finished();
    }
    await expect.poll(() => sockets.length).toBeGreaterThan(0);
    await page.getByRole('listitem', { name: 'second' }).waitFor();
    expect(sockets.filter((socket) => !socket.isClosed())).toHaveLength(1);
    await page.context().close();
  });
});
