import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../e2e/client.ts';
import { chromiumPath } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';
import {
  barOf,
  makeStream,
  openLarge,
  openPlayer,
  press,
  soundOf,
  titleOf,
  uploadTones,
} from './player-home.ts';

const NAMES = ['hare', 'hedgehog', 'field'];
const TRACK_S = 20;
const SHORT_S = 8;
/** The page's own fade, as long as the server's. */
const FADE_S = 20;
const MIXED = { kind: 'stream', name: 'mixed', title: 'Mixed', playMode: 'shuffle' } as const;
const SHORT = { kind: 'file', name: 'short.mp3', title: titleOf('short') } as const;
const LONG = { kind: 'file', name: 'long.mp3', title: titleOf('long') } as const;
const RACE = { kind: 'file', name: 'book.mp3', title: 'The race' } as const;

describe.skipIf(chromiumPath === null)('what the player is told, and what it remembers', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
    await uploadTones(home, NAMES, TRACK_S);
    await makeStream(home, 'mixed', NAMES, 'shuffle');
    await uploadTones(home, ['short'], SHORT_S);
    await uploadTones(home, ['long'], 60);
    await home.upload('book.m4b', await fixture('book.m4b'));
  });
  afterAll(() => home.close());

  const positionOf = (page: Page) => barOf(page).getByRole('slider', { name: 'Position' }).first();
  const shownS = async (page: Page) => Number(await positionOf(page).inputValue());
  const volumeOf = async (page: Page) => (await soundOf(page)).volume;
  const isPaused = async (page: Page) => (await soundOf(page)).isPaused;
  const keptS = async (path: string) => Number((await home.call(`${path}/position`)).body['position_s']);

  it('ends a file by its timer: quieter to the end, and as loud as before after it', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, SHORT, SHORT_S);
    await press(page, 'Play');
    const large = await openLarge(page);
    await large.getByLabel('Sleep timer').selectOption('To the end of this');
    await large.getByText(/Stops in 0:0\d/).waitFor();
    await expect.poll(() => volumeOf(page)).toBeLessThan(SHORT_S / FADE_S);
    const before = await volumeOf(page);
    await expect.poll(() => volumeOf(page)).toBeLessThan(before);
    await expect.poll(() => isPaused(page)).toBe(true);
    await expect.poll(() => large.getByLabel('Sleep timer').inputValue()).toBe('');
    expect(await volumeOf(page)).toBe(1);
    await page.context().close();
  });

  it('ends a chapter so, and plays the next when it is asked to', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, RACE, 4);
    const large = await openLarge(page);
    // Chosen before anything plays, it holds for what plays then.
    await large.getByLabel('Sleep timer').selectOption('To the end of this');
    await large.getByRole('button', { name: 'Play', exact: true }).click();
    await expect.poll(() => volumeOf(page)).toBeLessThan(0.9);
    await expect.poll(() => isPaused(page)).toBe(true);
    await expect.poll(() => large.getByLabel('Sleep timer').inputValue()).toBe('');
    const { atS, durationS, volume } = await soundOf(page);
    expect(atS).toBeLessThan(durationS - 0.5);
    expect(volume).toBe(1);
    await page.context().close();
  });

  it('is as loud for what is played next as before a timer that was not heard to its end', async () => {
    const page = await home.openPage('/library/long.mp3');
    await openPlayer(page, SHORT, SHORT_S);
    await press(page, 'Play');
    const large = await openLarge(page);
    await large.getByLabel('Sleep timer').selectOption('To the end of this');
    await expect.poll(() => volumeOf(page)).toBeLessThan(SHORT_S / FADE_S);
    await page.keyboard.press('Escape');
    await page.getByRole('main').getByRole('button', { name: 'Play', exact: true }).click();
    await expect.poll(async () => (await soundOf(page)).address).toContain('/long.mp3');
    expect(await volumeOf(page)).toBe(1);
    await page.context().close();
  });

  it('takes the minutes of a timer along when it skips', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, LONG, 60);
    await press(page, 'Play');
    const large = await openLarge(page);
    await large.getByLabel('Sleep timer').selectOption('5 minutes');
    await large.getByText(/Stops in [45]:/).waitFor();
    await large.getByRole('button', { name: '30 seconds forward' }).click();
    await expect.poll(() => shownS(page)).toBeGreaterThanOrEqual(30);
    await large.getByText(/Stops in (?:4:5|5:0)\d/).waitFor();
    await page.context().close();
  });

  it('is as loud as was chosen, after a reload too', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, LONG, 60);
    await press(page, 'Play');
    const large = await openLarge(page);
    await large.getByRole('slider', { name: 'Volume' }).fill('0.4');
    await expect.poll(() => volumeOf(page)).toBe(0.4);
    await openPlayer(page, LONG, 60);
    await press(page, 'Play');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(0.2);
    expect(await volumeOf(page)).toBe(0.4);
    const again = await openLarge(page);
    expect(await again.getByRole('slider', { name: 'Volume' }).inputValue()).toBe('0.4');
    await page.context().close();
  });

  it('says where it is when the page is closed, not at the next turn of a clock', async () => {
    await home.call('/api/audio/long.mp3/position', { method: 'PUT', json: { position_s: 30 } });
    const page = await home.openPage('/library');
    await openPlayer(page, LONG, 60);
    await press(page, 'Play');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(31.5);
    expect(await keptS('/api/audio/long.mp3')).toBeLessThan(31);
    await page.close({ runBeforeUnload: false });
    await expect.poll(() => keptS('/api/audio/long.mp3'), { timeout: 5_000 }).toBeGreaterThan(31);
    await page.context().close();
  });

  it('goes on in the order of the day, and begins anew in any other', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, MIXED);
    const titles = async () => {
      const large = await openLarge(page);
      const shown = large.getByRole('list', { name: 'What plays' }).getByRole('button');
      await expect.poll(() => shown.count()).toBe(NAMES.length);
      const inOrder = await shown.allInnerTexts();
      await page.keyboard.press('Escape');
      return inOrder;
    };
    await press(page, 'Play');
    const order = await titles();
    await positionOf(page).fill('25');
    await expect.poll(() => shownS(page)).toBeGreaterThan(25);
    await press(page, 'Pause');
    await expect.poll(() => keptS('/api/streams/mixed')).toBeGreaterThan(25);

    await openPlayer(page, MIXED);
    await Promise.all([
      barOf(page)
        .getByText(/^Went on at 0:2\d\.$/)
        .waitFor(),
      press(page, 'Play'),
    ]);
    await expect.poll(() => shownS(page)).toBeGreaterThan(25);
    expect(await titles()).toEqual(order);
    await press(page, 'Pause');

    // Yesterday's.
    await page.evaluate(`localStorage.setItem('earshot.order.mixed', '1')`);
    await openPlayer(page, MIXED);
    await press(page, 'Play');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(0.3);
    expect(await shownS(page)).toBeLessThan(20);
    expect(
      await barOf(page)
        .getByText(/^Went on/)
        .count(),
    ).toBe(0);
    await page.context().close();
  });

  it('is heard from one tab at a time: the one where play was pressed last', async () => {
    const one = await home.openPage('/library');
    const other = await one.context().newPage();
    await other.goto('/library');
    await openPlayer(one, LONG, 60);
    await openPlayer(other, MIXED);
    await press(one, 'Play');
    await expect.poll(async () => (await soundOf(one)).atS).toBeGreaterThan(0.2);
    await press(other, 'Play');
    await expect.poll(async () => (await soundOf(other)).atS).toBeGreaterThan(0.2);
    await expect.poll(() => isPaused(one)).toBe(true);
    await press(one, 'Play');
    await expect.poll(() => isPaused(other)).toBe(true);
    await barOf(other).getByRole('button', { name: 'Play', exact: true }).waitFor();
    expect(await isPaused(one)).toBe(false);
    await one.context().close();
  });

  it('complains of nothing, and asks nobody else', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
