import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, PHONE } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';

/** Takes the engine of this machine some minutes: nothing here waits for its end. */
const LONG_TEXT = 'The hare ran over the hill, and the fox came after it. '.repeat(1_700);

const failed = (name: string, code: string, retryable: boolean) => ({
  request_id: name,
  action: 'ingest',
  filename: `${name}.mp3`,
  status: 'FAILED',
  progress: 30,
  progress_message: '',
  result: null,
  error: { code, message: 'What the server says of it.', retryable },
  retry_count: 0,
  max_retries: 3,
  created_at: '2026-11-21T08:30:00.000Z',
  processing_started: '2026-11-21T08:30:00.000Z',
  processing_ended: '2026-11-21T08:30:01.000Z',
});

describe.skipIf(chromiumPath === null)('long work', () => {
  let home: PageHome;
  let page: Page;

  beforeAll(async () => {
    home = await openPageHome({ TTS_BACKEND: 'espeak' });
  });
  afterEach(() => page.context().close());
  afterAll(() => home.close());

  const speak = (filename: string, text: string) =>
    home.call('/api/audio/generate-tts', { method: 'POST', json: { filename, text } });
  const rowOf = (name: string) => page.getByRole('listitem', { name });
  const percentOf = async (name: string): Promise<number> => {
    const said = await rowOf(name)
      .getByText(/Running · \d+ %/)
      .innerText();
    return Number(/(\d+) %/.exec(said)?.[1]);
  };

  async function cancel(name: string): Promise<void> {
    const button = page.getByRole('button', { name: `Cancel: ${name}` });
    await button.click();
    await page.getByRole('button', { name: 'Let it go on' }).click();
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe(`Cancel: ${name}`);
    await button.press('Enter');
    await page.getByRole('button', { name: 'Cancel it' }).click();
    await page.getByText('Nothing is under way.').waitFor();
  }

  it('says so when nothing is there', async () => {
    page = await home.openPage('/work', PHONE);
    await page.getByText('Nothing is under way.').waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
  });

  it('is seen as it goes on, and is cancelled once one was asked', async () => {
    page = await home.openPage('/work');
    await page.getByText('Nothing is under way.').waitFor();
    await speak('long.mp3', LONG_TEXT);
    // Found by itself, and then told of over the WebSocket.
    const first = await percentOf('Speaking a text: long.mp3');
    await expect.poll(() => percentOf('Speaking a text: long.mp3')).toBeGreaterThan(first);
    await page.getByRole('link', { name: 'Work 1 running' }).waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);

    await cancel('Speaking a text: long.mp3');
    await rowOf('long.mp3').getByText('Cancelled').waitFor();
  });

  it('leads to the file when it is done', async () => {
    page = await home.openPage('/work');
    await speak('short.mp3', 'Good night.');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.waitForURL('**/work?show=COMPLETED');
    await rowOf('short.mp3').getByRole('link', { name: 'Open the file' }).click();
    await page.waitForURL('**/library/short.mp3');
  });

  it('says in plain words why it failed, and offers another try only where one can help', async () => {
    page = await home.openPage('/streams');
    // What comes about by itself takes a full disk, or an engine that is away for minutes.
    await page.route('**/api/requests?limit=50', (route) =>
      route.fulfill({
        json: {
          requests: [
            failed('full', 'insufficient_storage', true),
            failed('film', 'unsupported_media', false),
          ],
          count: 2,
        },
      }),
    );
    await page.getByRole('link', { name: 'Work' }).click();
    await rowOf('full.mp3').getByText('The disk of the server is full. Make room, then try again.').waitFor();
    await page.getByRole('button', { name: 'Try again: Taking in: full.mp3' }).waitFor();
    await rowOf('film.mp3').getByText('This is no audio file, or one that cannot be read.').waitFor();
    expect(await rowOf('film.mp3').getByRole('button').count()).toBe(0);
    expect(await findBarriersInBoth(page)).toEqual([]);
  });

  it('says that the server is away, and catches up when it is back', async () => {
    page = await home.openPage('/work');
    await speak('cut.mp3', LONG_TEXT);
    await percentOf('cut.mp3');
    const start = await home.cut();
    const notice = page.getByText('The server cannot be reached.');
    await notice.waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    await start();
    await notice.waitFor({ state: 'detached' });
    await rowOf('cut.mp3').getByText('Running').waitFor();
    await speak('after.mp3', 'Good night.');
    await rowOf('after.mp3').getByRole('link', { name: 'Open the file' }).waitFor();
    await cancel('Speaking a text: cut.mp3');
  });

  it('complains of nothing but that the server was away', () => {
    const others = home.browser.complaints.filter(
      (complaint) => !/ERR_CONNECTION_|WebSocket/.test(complaint),
    );
    expect(others).toEqual([]);
  });
});
