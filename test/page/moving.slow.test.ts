import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, PHONE } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';
import { makeStream, uploadTones } from './player-home.ts';

describe.skipIf(chromiumPath === null)('moving about', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
    await uploadTones(home, ['hare', 'hedgehog']);
    await makeStream(home, 'story', ['hare', 'hedgehog']);
    await home.call('/api/user/keys', { method: 'POST', json: { name: 'radio', scopes: ['read'] } });
  });
  afterAll(() => home.close());

  const focused = async (page: Page): Promise<string> => {
    const [tag, words] = await page.evaluate<[string, string]>(
      '[document.activeElement.tagName, document.activeElement.textContent]',
    );
    return tag === 'MAIN' ? tag : `${tag} ${words.trim()}`;
  };

  it('names each view, and takes the focus there', async () => {
    const page = await home.openPage('/library');
    await expect.poll(() => page.title()).toBe('Library – Earshot');
    expect(await focused(page)).toMatch(/^BODY/);
    const places = page.getByRole('navigation', { name: 'Main' });
    for (const place of ['Streams', 'Work', 'Settings', 'Library']) {
      await places.getByRole('link', { name: place }).press('Enter');
      await expect.poll(() => focused(page)).toBe(`H1 ${place}`);
      expect(await page.title()).toBe(`${place} – Earshot`);
    }
    await page.goBack();
    await expect.poll(() => focused(page)).toBe('H1 Settings');

    await page.getByRole('link', { name: 'API keys' }).press('Enter');
    await expect.poll(() => page.title()).toBe('API keys – Settings – Earshot');
    await page.getByRole('link', { name: 'Users' }).press('Enter');
    await expect.poll(() => page.title()).toBe('Users – Settings – Earshot');
    // What one went by is still there.
    expect(await focused(page)).toBe('A Users');
    await page.goto('/streams/story');
    await expect.poll(() => page.title()).toBe('story – Earshot');
    await page.context().close();
  });

  it('takes the focus to a part of the settings, where that is all that is seen', async () => {
    const page = await home.openPage('/settings', PHONE);
    await page.getByRole('link', { name: 'API keys' }).press('Enter');
    await expect.poll(() => focused(page)).toBe('H2 API keys');
    await page.context().close();
  });

  it('goes on in the library when a file was deleted, and there when its message is gone', async () => {
    const page = await home.openPage('/library/hare.mp3');
    await page.getByRole('heading', { level: 1, name: 'The hare' }).waitFor();
    expect(await page.title()).toBe('The hare – Earshot');
    await page.getByRole('button', { name: 'Delete' }).press('Enter');
    await expect.poll(() => focused(page)).toBe('H1 Library');
    const messages = page.getByRole('status', { name: 'Messages' });
    await messages.getByRole('button', { name: 'Undo' }).press('Enter');
    await expect.poll(() => focused(page)).toBe('H1 Library');
    await page.context().close();
  });

  it('keeps its place when a message goes away by itself, and when what was there is gone', async () => {
    const page = await home.openPage('/settings/keys');
    const messages = page.getByRole('status', { name: 'Messages' });
    await page.getByRole('button', { name: 'Revoke radio' }).press('Enter');
    await messages.getByRole('button', { name: 'Undo' }).press('Enter');
    await expect.poll(() => focused(page)).toBe('MAIN');
    await page.getByRole('button', { name: 'Revoke radio' }).press('Enter');
    await page.getByRole('button', { name: 'Make a key' }).focus();
    await messages.getByRole('button', { name: 'Close' }).focus();
    await messages.getByText('radio').waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toBe('BUTTON Make a key');
    await page.context().close();
  });

  it('complains of nothing', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
