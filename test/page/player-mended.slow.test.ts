import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';
import {
  barOf,
  makeStream,
  openLarge,
  openPlayer,
  press,
  showsTitle,
  soundOf,
  titleOf,
  TONE_S,
  uploadTones,
} from './player-home.ts';

const LONG = { kind: 'file', name: 'long.mp3', title: titleOf('long') } as const;
const NAMES = ['hare', 'hedgehog', 'field'];
const POSITION = '/api/audio/long.mp3/position';
const SEGMENTS = [{ start_s: 40, end_s: 45, text: 'A word was heard.' }];

describe.skipIf(chromiumPath === null)('the player beside the page of what it plays', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
    await uploadTones(home, ['long'], 60);
    await uploadTones(home, NAMES);
    await makeStream(home, 'round', NAMES, 'loop');
    await home.call('/api/audio/long.mp3/transcript', { method: 'PUT', json: { segments: SEGMENTS } });
  });
  afterAll(() => home.close());

  const wordOf = (page: Page) => page.getByRole('main').getByRole('button', { name: /A word was heard/ });

  async function seeTranscript(page: Page): Promise<void> {
    const large = await openLarge(page);
    await large.getByRole('tab', { name: 'Transcript' }).click();
    await large.getByRole('button', { name: /A word was heard/ }).waitFor();
    await page.keyboard.press('Escape');
  }

  it('shows the same transcript, whichever of the two asked for it', async () => {
    const page = await home.openPage('/library/long.mp3');
    await wordOf(page).waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Play', exact: true }).click();
    await seeTranscript(page);
    await wordOf(page).waitFor();

    await page.goto('/library');
    await press(page, 'Play');
    await seeTranscript(page);
    await page
      .getByRole('main')
      .getByRole('link', { name: new RegExp(titleOf('long')) })
      .click();
    await wordOf(page).waitFor();
    await page.context().close();
  });

  it('leaves the page as it is when it cannot be shown, and plays on', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, LONG, 60);
    await press(page, 'Play');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(0.2);
    await page.route('**/transcript', (route) => route.fulfill({ json: { segments: [null] } }));
    await openLarge(page);
    await barOf(page).getByText('The player cannot be shown.').waitFor();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect((await soundOf(page)).isPaused).toBe(false);
    await barOf(page).getByRole('button', { name: 'Try again' }).click();
    await press(page, 'Pause');
    await page.context().close();
    // That is what was done to it, and nothing else.
    const others = home.browser.complaints.splice(0).filter((text) => !text.includes('TypeError'));
    expect(others).toEqual([]);
  });

  it('leaves the kept position alone as long as nothing plays', async () => {
    await home.call(POSITION, { method: 'PUT', json: { position_s: 30 } });
    const page = await home.openPage('/library');
    await openPlayer(page, LONG, 60);
    await page.goto('/streams');
    await barOf(page).waitFor();
    await page.goto('/work');
    await barOf(page).waitFor();
    expect((await home.call(POSITION)).body['position_s']).toBe(30);
    await page.context().close();
  });

  it('plays from a word, and from where it was sought, also what it only remembers', async () => {
    await home.call(POSITION, { method: 'PUT', json: { position_s: 20 } });
    const page = await home.openPage('/library/long.mp3');
    await openPlayer(page, LONG, 60);
    await wordOf(page).click();
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(40.2);

    await openPlayer(page, LONG, 60);
    const slider = barOf(page).getByRole('slider', { name: 'Position' });
    await slider.fill('50');
    await expect.poll(() => slider.inputValue()).toBe('50');
    await press(page, 'Play');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(50.2);
    await page.context().close();
  });

  it('remembers what was played for who played it, and for nobody after a logout', async () => {
    const ada = { username: 'ada', password: 'a password for ada' };
    await home.call('/api/admin/users', { method: 'POST', json: ada });
    const page = await home.openPage('/library');
    await openPlayer(page, LONG, 60);
    await page.evaluate(`localStorage.setItem('earshot.order.mixed', '1')`);
    await page.request.post('/api/user/login', { data: ada });
    await page.goto('/settings/account');
    await page.getByText('ada').first().waitFor();
    expect(await barOf(page).count()).toBe(0);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL('**/login');
    expect(await page.evaluate(`Object.keys(localStorage).filter((key) => /last|order/.test(key))`)).toEqual(
      [],
    );
    await page.context().close();
  });

  it('stays closed after a stop by a key of the device', async () => {
    const page = await home.openPage('/library/long.mp3');
    await page.addInitScript(`
      window.mediaKeys = {};
      navigator.mediaSession.setActionHandler = (action, handler) => { window.mediaKeys[action] = handler; };
    `);
    await openPlayer(page, LONG, 60);
    const large = await openLarge(page);
    await large.waitFor();
    await page.evaluate(`mediaKeys.stop({ action: 'stop' })`);
    await large.waitFor({ state: 'detached' });
    await page.getByRole('main').getByRole('button', { name: 'Play', exact: true }).click();
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(0.2);
    expect(await large.count()).toBe(0);
    await page.context().close();
  });

  it('stays where somebody went on, while it is still asked why the last try failed', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, { kind: 'stream', name: 'round', title: 'Round', playMode: 'loop' });
    await press(page, 'Play');
    await showsTitle(page, 'hare');
    let isAway = true;
    let answerWhy = (): void => undefined;
    const isAsked = new Promise<void>((asked) => {
      void page.route('**/stream.mp3*', async (route) => {
        if (route.request().resourceType() !== 'fetch') return isAway ? route.abort() : route.continue();
        asked();
        await new Promise<void>((resolve) => (answerWhy = resolve));
        return route.abort();
      });
    });
    await press(page, 'Next');
    await isAsked;
    isAway = false;
    await press(page, 'Next');
    await showsTitle(page, 'field');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(0.2);
    answerWhy();
    // Longer than it waits for another try.
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(2.5);
    expect((await soundOf(page)).address).toContain(`from=${String(2 * TONE_S)}`);
    await page.context().close();
    // That is what was done to it, and nothing else.
    const others = home.browser.complaints.splice(0).filter((text) => !text.includes('net::ERR_FAILED'));
    expect(others).toEqual([]);
  });

  it('complains of nothing', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
