import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';
import { makeStream, openPlayer, soundOf, titleOf, TONE_S, uploadTones } from './player-home.ts';

const NAMES = ['hare', 'hedgehog', 'field'];
const STORY = { kind: 'stream', name: 'story', title: 'Good night', playMode: 'sequential' } as const;

describe.skipIf(chromiumPath === null)('the player', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
    await uploadTones(home, NAMES);
    await makeStream(home, 'story', NAMES);
    await makeStream(home, 'round', NAMES, 'loop');
  });
  afterAll(() => home.close());

  const barOf = (page: Page) => page.getByRole('region', { name: 'Player' });
  const showsTitle = (page: Page, name: string) =>
    barOf(page)
      .getByRole('button', { name: `Show more of what plays: ${titleOf(name)}` })
      .waitFor();

  it('plays across a join, and seeks across it', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, STORY);
    const ranges: string[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/stream.mp3')) ranges.push(response.headers()['content-range'] ?? '');
    });
    await barOf(page).getByRole('button', { name: 'Play', exact: true }).click();
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(0.3);
    await showsTitle(page, 'hare');
    const { durationS } = await soundOf(page);
    expect(durationS).toBeCloseTo(NAMES.length * TONE_S, 0);
    // Just before the join, by the keyboard.
    await barOf(page).getByRole('slider', { name: 'Position' }).focus();
    await page.keyboard.press('ArrowRight');
    await showsTitle(page, 'hedgehog');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(TONE_S);
    await barOf(page).getByRole('button', { name: 'Next' }).click();
    await showsTitle(page, 'field');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(2 * TONE_S + 0.2);
    await barOf(page).getByRole('button', { name: '15 seconds back' }).click();
    await showsTitle(page, 'hare');
    expect(ranges.join()).toMatch(/^bytes 0-\d+\/\d+/);
    await page.context().close();
  });

  it('complains of nothing, and asks nobody else', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
