import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, DESKTOP, PHONE } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';

describe.skipIf(chromiumPath === null)('messages and dialogs', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
    for (const name of ['radio', 'clock']) {
      await home.call('/api/user/keys', { method: 'POST', json: { name, scopes: ['read'] } });
    }
  });
  afterAll(() => home.close());

  const messageOf = (name: string) => `"${name}" will be revoked.`;
  const isKept = (page: Page, name: string) => page.getByRole('listitem', { name }).waitFor();

  it.each([
    ['a phone', PHONE],
    ['a desktop', DESKTOP],
  ])('are undone while a dialog is open, on %s', async (_, options) => {
    const page = await home.openPage('/settings/keys', options);
    await page.getByRole('button', { name: 'Revoke radio' }).click();
    await page.getByText(messageOf('radio')).waitFor();
    await page.getByRole('button', { name: 'Make a key' }).click();
    const dialog = page.getByRole('dialog', { name: 'Make a key' });
    const messages = dialog.getByRole('status', { name: 'Messages' });
    await messages.getByText(messageOf('radio')).waitFor();
    expect(await page.getByText(messageOf('radio')).count()).toBe(1);
    expect(await findBarriersInBoth(page)).toEqual([]);
    // A click reaches what lies on top alone.
    await messages.getByRole('button', { name: 'Undo' }).click();
    await dialog.getByRole('heading', { name: 'Make a key' }).waitFor();
    await page.keyboard.press('Escape');
    await isKept(page, 'radio');
    await page.context().close();
  });

  it('stay when the dialog is closed over which they were shown', async () => {
    const page = await home.openPage('/settings/keys');
    await page.getByRole('button', { name: 'Revoke clock' }).click();
    await page.getByRole('button', { name: 'Make a key' }).click();
    const dialog = page.getByRole('dialog', { name: 'Make a key' });
    await dialog.getByText(messageOf('clock')).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const messages = page.getByRole('status', { name: 'Messages' });
    await messages.getByText(messageOf('clock')).waitFor();
    // By the keyboard.
    await messages.getByRole('button', { name: 'Undo' }).focus();
    await page.keyboard.press('Enter');
    await isKept(page, 'clock');
    await page.context().close();
  });

  it('complain of nothing', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
