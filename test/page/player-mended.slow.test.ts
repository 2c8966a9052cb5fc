import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';
import { barOf, openLarge, openPlayer, press, soundOf, titleOf, uploadTones } from './player-home.ts';

const LONG = { kind: 'file', name: 'long.mp3', title: titleOf('long') } as const;
const POSITION = '/api/audio/long.mp3/position';
const SEGMENTS = [{ start_s: 40, end_s: 45, text: 'A word was heard.' }];

describe.skipIf(chromiumPath === null)('the player beside the page of what it plays', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
    await uploadTones(home, ['long'], 60);
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

  it('complains of nothing', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
