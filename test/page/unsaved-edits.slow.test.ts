import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './browser.ts';
import type { PageHome } from './home.ts';
import { filesNamed, filesOf, openStreamHome, putStream } from './stream-home.ts';

describe.skipIf(chromiumPath === null)('edits that are not saved yet', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openStreamHome();
  });
  afterAll(() => home.close());

  const openStream = async (name: string): Promise<Page> => {
    await putStream(home, name, { files: filesNamed('Apple', 'Bear', 'Cloud') });
    return home.openPage(`/streams/${name}`);
  };

  /** Makes an edit whose save does not reach the server. @returns what lets it */
  async function editUnsaved(page: Page): Promise<() => void> {
    const gone = Promise.withResolvers<undefined>();
    const hold = async (route: Route): Promise<void> => {
      await gone.promise;
      await route.continue();
    };
    await page.route('**/queue/reorder', hold, { times: 1 });
    const asked = page.waitForRequest('**/queue/reorder');
    await page.getByRole('button', { name: 'Move Apple down' }).click();
    await asked;
    return () => gone.resolve(undefined);
  }

  it('are kept when there were too many at once, and saved a little later', async () => {
    const page = await openStream('busy');
    await page.route(
      '**/queue/reorder',
      (route) =>
        route.fulfill({
          status: 429,
          contentType: 'application/problem+json',
          body: JSON.stringify({ code: 'rate_limited', detail: 'Too many requests.', status: 429 }),
        }),
      { times: 1 },
    );
    await page.getByRole('button', { name: 'Move Apple down' }).click();
    await page.getByRole('alert').getByText('Your changes are kept here, but are not saved yet.').waitFor();
    await page.getByRole('button', { name: 'Remove Cloud' }).click();
    await expect.poll(() => filesOf(home, 'busy')).toEqual(filesNamed('Bear', 'Apple'));
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('are asked about when the page is left', async () => {
    const page = await openStream('left');
    const letGo = await editUnsaved(page);
    const asked = page.waitForEvent('dialog');
    await page.evaluate('void setTimeout(() => location.reload())');
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    letGo();
    await expect.poll(() => filesOf(home, 'left')).toEqual(filesNamed('Bear', 'Apple', 'Cloud'));
    await page.context().close();
  });

  it('are saved before somebody is logged out', async () => {
    const page = await openStream('out');
    const letGo = await editUnsaved(page);
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Log out' }).click();
    letGo();
    await page.waitForURL('**/login');
    expect(await filesOf(home, 'out')).toEqual(filesNamed('Bear', 'Apple', 'Cloud'));
    await page.context().close();
  });

  it('do not keep their own stream from being deleted', async () => {
    const page = await openStream('gone');
    const letGo = await editUnsaved(page);
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByRole('button', { name: 'Delete this stream' }).click();
    const saved = page.waitForResponse('**/queue/reorder');
    letGo();
    await saved;
    // The time for an undo is over.
    await page.getByRole('status', { name: 'Messages' }).getByRole('button', { name: 'Close' }).click();
    await expect.poll(async () => (await home.call('/api/streams/gone/queue')).status).toBe(404);
    await page.context().close();
  });

  it('complain of nothing but what was answered', () => {
    expect(home.browser.complaints.filter((one) => !one.includes('a status of 429'))).toEqual([]);
  });
});
