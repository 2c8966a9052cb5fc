import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { speechHandlers } from '../servers/openai-speech.ts';
import { startOpenAiStandIn, type OpenAiStandIn } from '../servers/openai-stand-in.ts';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, PHONE } from './browser.ts';
import { openPageHome, PASSWORD, type PageHome } from './home.ts';

describe.skipIf(chromiumPath === null)('settings', () => {
  let home: PageHome;
  let page: Page;
  let engine: OpenAiStandIn;
  /** What the engine that speaks was asked. */
  const asked: Record<string, unknown>[] = [];

  beforeAll(async () => {
    engine = await startOpenAiStandIn({ handlers: speechHandlers({ asked, contentType: 'audio/pcm' }) });
    home = await openPageHome({ OPENAI_API_KEY: engine.apiKey, OPENAI_BASE_URL: engine.baseUrl });
  });
  afterEach(() => page.context().close());
  afterAll(async () => {
    await home.close();
    await engine.stop();
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });

  it('makes a key, shows it once, and revokes it unless that is undone', async () => {
    page = await home.openPage('/settings/keys');
    await button('Make a key').click();
    await page.getByLabel('What it is for').fill('kitchen radio');
    await page.getByLabel('Read the library and the streams').check();
    expect(await findBarriersInBoth(page)).toEqual([]);
    await button('Make the key').click();
    const key = await page.getByRole('textbox', { name: 'The key' }).inputValue();
    await button('Done').click();
    await page.getByRole('listitem', { name: 'kitchen radio' }).getByText('plays, reads').waitFor();
    const ask = () => home.call('/api/audio/list', { headers: { authorization: `Bearer ${key}` } });
    expect((await ask()).status).toBe(200);

    await button('Revoke kitchen radio').click();
    await button('Undo').click();
    await button('Revoke kitchen radio').click();
    await page.getByText('There are no keys.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await expect.poll(async () => (await ask()).status).toBe(401);
  });

  it('adds a user, makes an administrator of them, and keeps the last administrator', async () => {
    page = await home.openPage('/settings/users');
    await button('Add a user').click();
    await page.getByLabel('User name').fill('ada');
    await page.getByLabel('Password').fill('a password for ada');
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Add a user' }).click();
    await page.getByRole('listitem', { name: 'ada' }).waitFor();

    await button('Edit admin').click();
    await page.getByLabel(/^Administrator:/).uncheck();
    await button('Save').click();
    await page
      .getByRole('dialog')
      .getByRole('alert')
      .getByText(/administrator/i)
      .waitFor();
    await page.keyboard.press('Escape');

    await button('Edit ada').click();
    await page.getByLabel('May log in').uncheck();
    await button('Save').click();
    await page.getByRole('listitem', { name: 'ada' }).getByText('May not log in').waitFor();

    await button('Edit ada').click();
    await button('Remove this user').click();
    await button('Remove ada').click();
    await page.getByRole('listitem', { name: 'ada' }).waitFor({ state: 'detached' });
  });

  it('tells of engines, health and what is wrong, and hands out a backup', async () => {
    page = await home.openPage('/settings', PHONE);
    await page.getByRole('link', { name: 'Speech' }).click();
    await page.getByRole('heading', { name: 'Hearing (transcripts)' }).waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.getByRole('link', { name: 'All settings' }).click();
    await page.getByRole('link', { name: 'Server' }).click();
    await page.getByText('All is well.').waitFor();
    await button('Look now').click();
    await page.getByText(/Nothing is wrong|worth a look|does not work/).waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Disk space' })
      .getByText(/GB free/)
      .waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download a backup' }).click();
    expect((await download).suggestedFilename()).toMatch(/^earshot-.*\.tar$/);
  });

  it('lets every voice be heard, and leaves nothing of it in the library', async () => {
    page = await home.openPage('/settings/speech', PHONE);
    await page.getByText('Show the voices').tap();
    await button('Hear Fable').waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    /** The address of what was heard, if only for a moment. */
    const heard = () =>
      page.evaluate<string>(`(({ currentTime, currentSrc }) => (currentTime > 0 ? currentSrc : ''))(
        document.querySelector('audio')
      )`);
    await button('Hear Fable').tap();
    await expect.poll(heard).toMatch(/^blob:/);
    const fable = await heard();
    await page.getByLabel('Find a voice').fill('onyx');
    await button('Hear Onyx').tap();
    await expect.poll(heard).not.toBe(fable);
    await expect.poll(() => asked.map(({ voice }) => voice)).toEqual(['fable', 'onyx']);
    await expect.poll(async () => (await home.call('/api/audio/list')).body['count']).toBe(0);
    // What was heard is not asked for again.
    await page.getByLabel('Find a voice').fill('fable');
    await button('Hear Fable').tap();
    await expect.poll(heard).toBe(fable);
    expect(asked).toHaveLength(2);
  });

  it('keeps the colours that were chosen on this device', async () => {
    page = await home.openPage('/settings/account');
    const ground = () =>
      page.locator('html').evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await ground();
    await page.getByLabel('Dark').check();
    await expect.poll(ground).not.toBe(light);
    await page.reload();
    expect(await page.getByLabel('Dark').isChecked()).toBe(true);
    expect(await ground()).not.toBe(light);
  });

  it('paints them from the first, before the page itself is there', async () => {
    page = await home.openPage('/settings/account');
    const ground = `getComputedStyle(document.documentElement).backgroundColor`;
    const light = await page.evaluate(ground);
    await page.getByLabel('Dark').check();
    await expect.poll(() => page.evaluate(ground)).not.toBe(light);
    const dark = await page.evaluate(ground);
    // Its code comes late.
    let arrive = () => {};
    const isLate = new Promise<void>((resolve) => (arrive = resolve));
    await page.route(/\/assets\/index-[^/]*\.js$/, async (route) => {
      await isLate;
      await route.continue();
    });
    await page.addInitScript(`
      new PerformanceObserver(() => { globalThis.firstGround ??= ${ground}; }).observe({ type: 'paint' });
    `);
    await page.reload({ waitUntil: 'commit' });
    await expect.poll(() => page.evaluate('globalThis.firstGround')).toBe(dark);
    const ready = await page.evaluate('document.querySelector("#page")?.childElementCount');
    expect(ready).toBe(0);
    arrive();
    await page.getByLabel('Dark').waitFor();
    expect(await page.getByLabel('Dark').isChecked()).toBe(true);
  });

  it('changes the password, and says what is wrong with it', async () => {
    page = await home.openPage('/settings/account');
    const change = async (current: string, next: string, again: string): Promise<void> => {
      await page.getByLabel('Current password').fill(current);
      await page.getByLabel('New password', { exact: true }).fill(next);
      await page.getByLabel('New password, again').fill(again);
      await button('Change the password').click();
    };
    await change(PASSWORD, 'another long one', 'another lang one');
    await page.getByText('This is not the same as the new password above.').waitFor();
    await change('wrong', 'another long one', 'another long one');
    await page.getByText('The current password is wrong.').waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    await change(PASSWORD, PASSWORD, PASSWORD);
    await page.getByText('The password is changed.').waitFor();
  });

  it('complains of nothing', () => {
    expect(home.browser.complaints.filter((complaint) => !/status of 400/.test(complaint))).toEqual([]);
  });
});
