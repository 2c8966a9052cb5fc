import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './browser.ts';
import { openPageHome, PASSWORD, type PageHome } from './home.ts';

describe.skipIf(chromiumPath === null)('the page on a device', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
  });
  afterAll(() => home.close());

  /** Resolves once all of it is kept, and the next load goes through it. */
  const isKept = (page: Page) =>
    page.evaluate('navigator.serviceWorker.ready.then(({ active }) => active !== null)');

  it('opens where the server is away, says so, and goes on when it is back', async () => {
    const page = await home.openPage('/library', { serviceWorkers: 'allow' });
    await isKept(page);
    await page.reload();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    const start = await home.cut();
    await page.reload();
    await page.getByText('The server cannot be reached').first().waitFor();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    await start();
    await page.getByText('The server cannot be reached').first().waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Upload' }).first().waitFor();
    await page.context().close();
  });

  it.each(['/library/hare.mp3', '/library?q=a.b', '/settings/account'])('opens %s too', async (path) => {
    const page = await home.openPage('/library', { serviceWorkers: 'allow' });
    await isKept(page);
    await page.goto(path);
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    const start = await home.cut();
    await page.reload();
    await page.getByText('The server cannot be reached').first().waitFor();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    // What people open beside the page is the server's alone.
    await expect(page.goto('/docs')).rejects.toThrow('ERR_CONNECTION_REFUSED');
    await start();
    await page.context().close();
  });

  it('keeps nothing of what the server answers', async () => {
    const page = await home.openPage('/library', { serviceWorkers: 'allow' });
    await isKept(page);
    await page.reload();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    const kept = await page.evaluate<string[]>(`(async () => {
      const urls = [];
      for (const name of await caches.keys()) {
        const requests = await (await caches.open(name)).keys();
        urls.push(...requests.map(({ url }) => new URL(url).pathname));
      }
      return urls;
    })()`);
    expect(kept).toContain('/index.html');
    expect(kept.filter((path) => !/^\/(?:assets\/|[a-z0-9.-]+$)/.test(path))).toEqual([]);
    expect(kept.filter((path) => path.startsWith('/api'))).toEqual([]);
    await page.context().close();
  });

  it('offers a new version, and takes it when one agrees', async () => {
    const door = await openDoor(home.url);
    const profile = await home.browser.openProfile({ serviceWorkers: 'allow', baseURL: door.url });
    const page = await profile.newPage();
    await page.goto('/login');
    await page.getByLabel('User').fill('admin');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL('**/library');
    await isKept(page);
    await page.reload();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    expect(await page.getByText('There is a new version').isVisible()).toBe(false);

    door.renew();
    await page.reload();
    await page.getByText('There is a new version').waitFor();
    const loaded = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Reload' }).click();
    await loaded;
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    expect(await page.getByText('There is a new version').isVisible()).toBe(false);
    await profile.close();
    await door.close();
  });

  it('can be installed: a name, pictures, a start that is there', async () => {
    const manifest = (await (await fetch(`${home.url}/manifest.webmanifest`)).json()) as {
      name: string;
      start_url: string;
      icons: { src: string; type: string; purpose: string }[];
    };
    expect(manifest.name).toBe('Earshot');
    expect((await fetch(`${home.url}${manifest.start_url}`)).status).toBe(200);
    expect(manifest.icons.map(({ purpose }) => purpose)).toContain('maskable');
    for (const { src, type } of manifest.icons) {
      const answer = await fetch(`${home.url}${src}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
    }
  });
});

interface Door {
  readonly url: string;
  /** From now on the service worker is another one. */
  renew(): void;
  close(): Promise<void>;
}

/** Stands before the server as a proxy does, and can pretend that the page was built anew. */
async function openDoor(target: string): Promise<Door> {
  let isRenewed = false;
  const server: Server = createServer((incoming, response) => {
    const { method, headers } = incoming;
    const isWorker = incoming.url === '/service-worker.js';
    // Whole and as it is, so that something can be put to its end.
    const { 'if-none-match': _tag, 'if-modified-since': _time, ...others } = headers;
    const plain = isWorker ? { ...others, 'accept-encoding': 'identity' } : headers;
    const outgoing = request(`${target}${incoming.url ?? ''}`, { method, headers: plain }, (answer) => {
      const { 'content-length': _, ...rest } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, isWorker ? rest : answer.headers);
      answer.pipe(response, { end: !isWorker });
      if (isWorker) answer.on('end', () => response.end(isRenewed ? '\n// Built anew.\n' : ''));
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    renew() {
      isRenewed = true;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
