import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { chromiumPath } from './browser.ts';
import { openPageHome, PASSWORD, type PageHome } from './home.ts';

const PARTS = '**/api/audio/uploads/*/parts/*';

const tone = (name: string, frequencyHz: number) => ({
  name,
  mimeType: 'audio/wav',
  buffer: Buffer.from(makeToneWav({ seconds: 1, frequencyHz, sampleRateHz: 8000, channels: 1 })),
});

describe.skipIf(chromiumPath === null)('an upload in trouble', () => {
  let home: PageHome;
  let page: Page;

  beforeAll(async () => {
    home = await openPageHome();
  });
  afterEach(() => page.context().close());
  afterAll(() => home.close());

  async function choose(files: ReturnType<typeof tone>[], button = 'Upload'): Promise<void> {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: button, exact: true }).click();
    await (await chooser).setFiles(files);
  }

  it('waits for the login when the session ends, and goes on by itself', async () => {
    page = await home.openPage('/library');
    let isFirst = true;
    await page.route(PARTS, async (route) => {
      if (!isFirst) return route.continue();
      isFirst = false;
      // A part, and after it whatever the others ask for, is met by a session that has ended.
      await page.context().clearCookies();
      return route.fulfill({ status: 401, json: { code: 'unauthorized', detail: 'Nobody is logged in.' } });
    });
    await choose([1, 2, 3, 4, 5].map((n) => tone(`left ${String(n)}.wav`, 400 + n)));

    const login = page.getByRole('dialog', { name: 'Log in' });
    await login.getByLabel('User').fill('admin');
    await login.getByLabel('Password').fill(PASSWORD);
    await login.getByRole('button', { name: 'Log in' }).click();
    await login.waitFor({ state: 'detached' });
    await page.getByText('5 files uploaded', { exact: true }).waitFor();
  });

  it('that is tried again is kept again: a new load of the page goes on with it', async () => {
    page = await home.openPage('/library');
    let isRefused = true;
    await page.route(PARTS, (route) =>
      isRefused
        ? route.fulfill({ status: 409, json: { code: 'conflict', detail: 'Not now.' } })
        : // It gets nowhere before the page is loaded anew.
          undefined,
    );
    await choose([tone('again.wav', 500)]);
    await page.getByText('Not now.').waitFor();
    isRefused = false;
    const sent = page.waitForRequest(PARTS);
    await page.getByRole('button', { name: 'Try again' }).click();
    await sent;
    await page.unroute(PARTS);
    await page.reload();
    await page.getByText('1 file uploaded', { exact: true }).waitFor();
  });

  it('that fails after a new load of the page asks for the file, which is here no more', async () => {
    page = await home.openPage('/library');
    let isFailed = false;
    // Told by asking, so that the answer can be decided here.
    await page.route('**/api/ws/ticket', (route) => route.abort());
    await page.route('**/api/requests/*', (route) =>
      route.fulfill({
        json: {
          status: isFailed ? 'FAILED' : 'PROCESSING',
          progress: 30,
          progress_message: '',
          error: isFailed ? { code: 'storage_unavailable', message: 'Broken.', retryable: true } : null,
        },
      }),
    );
    await choose([tone('broken.wav', 600)]);
    await page.getByText('Sent; being prepared to play').waitFor();
    isFailed = true;
    await page.reload();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('this browser has the file no more').waitFor();
    await choose([tone('broken.wav', 600)], 'Choose it again');
    // The server has prepared it all the while.
    await page.getByText('You have this already').waitFor();
  });

  it('is told in the words of the page, where the server has a code for what can be done', async () => {
    page = await home.openPage('/library');
    const refuse = (status: number, code: string, details: object) =>
      page.route('**/api/audio/uploads', (route) =>
        route.fulfill({ status, json: { code, detail: 'As the server says it.', details } }),
      );
    await refuse(507, 'insufficient_storage', {});
    await choose([tone('full.wav', 700)]);
    await page.getByText('The disk of the server is full.').waitFor();
    await refuse(413, 'too_large', { max_bytes: 5_000_000 });
    await choose([tone('large.wav', 701)]);
    await page.getByText('larger than the server takes, which is 5 MB.').waitFor();
    await refuse(409, 'conflict', {});
    await choose([tone('other.wav', 702)]);
    await page.getByText('As the server says it.').waitFor();
  });

  it('complains of nothing else', () => {
    // What was cut off or refused on purpose.
    const isMeant = (complaint: string): boolean => /net::ERR_|status of (?:413|507)/.test(complaint);
    expect(home.browser.complaints.filter((complaint) => !isMeant(complaint))).toEqual([]);
  });
});
