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
  uploadTones,
} from './player-home.ts';

const NAMES = ['hare', 'hedgehog', 'field'];
const TRACK_S = 20;

describe.skipIf(chromiumPath === null)('the player of a stream that is edited', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
    await uploadTones(home, NAMES, TRACK_S);
  });
  afterAll(() => home.close());

  /** Its editor, over the player that plays it. */
  async function playStream(name: string, playMode = 'sequential'): Promise<Page> {
    await makeStream(home, name, NAMES, playMode);
    const page = await home.openPage(`/streams/${name}`);
    await openPlayer(page, { kind: 'stream', name, title: name, playMode });
    await removal(page, 'hare').waitFor();
    await press(page, 'Play');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(0.3);
    return page;
  }

  async function playSecondOf(name: string): Promise<Page> {
    const page = await playStream(name);
    await showsTitle(page, 'hare');
    await positionOf(page).fill(String(TRACK_S + 5));
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(TRACK_S + 5.2);
    await showsTitle(page, 'hedgehog');
    return page;
  }

  const removal = (page: Page, name: string) =>
    page.getByRole('main').getByRole('button', { name: `Remove ${titleOf(name)}`, exact: true });
  const positionOf = (page: Page) => barOf(page).getByRole('slider', { name: 'Position' }).first();
  const keptS = async (name: string) =>
    Number((await home.call(`/api/streams/${name}/position`)).body['position_s']);

  /** Edits it, and waits until the player has looked at what came of it. */
  async function edit(page: Page, make: () => Promise<void>): Promise<void> {
    const looked = page.waitForResponse((response) => response.url().includes('/plan?play_mode='));
    await make();
    await looked;
  }

  it('plays on when what was heard is removed, and then what comes next', async () => {
    const page = await playSecondOf('heard');
    const { address } = await soundOf(page);
    await removal(page, 'hare').click();
    await expect.poll(async () => (await soundOf(page)).address).not.toBe(address);
    await expect.poll(async () => (await soundOf(page)).durationS).toBeCloseTo(2 * TRACK_S, 0);
    // The same second of the same track, and on.
    const { atS, isPaused } = await soundOf(page);
    expect(atS).toBeGreaterThan(5);
    expect(atS).toBeLessThan(TRACK_S / 2);
    expect(isPaused).toBe(false);
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(atS + 0.5);
    await showsTitle(page, 'hedgehog');
    await barOf(page).getByText('1 of 2').first().waitFor();
    await press(page, 'Next');
    await showsTitle(page, 'field');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(TRACK_S + 0.2);
    await page.context().close();
  });

  it('stays paused, and goes on where it was', async () => {
    const page = await playSecondOf('paused');
    await press(page, 'Pause');
    const { address, atS } = await soundOf(page);
    await removal(page, 'hare').click();
    await expect.poll(async () => (await soundOf(page)).address).not.toBe(address);
    await expect.poll(async () => (await soundOf(page)).atS).toBeCloseTo(atS - TRACK_S, 0);
    expect((await soundOf(page)).isPaused).toBe(true);
    await showsTitle(page, 'hedgehog');
    await expect.poll(() => keptS('paused')).toBeCloseTo(atS - TRACK_S, 0);
    await press(page, 'Play');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(atS - TRACK_S + 0.5);
    await showsTitle(page, 'hedgehog');
    await page.context().close();
  });

  it('plays what takes the place of what is removed, from its beginning; and stops where nothing does', async () => {
    const page = await playSecondOf('gone');
    await removal(page, 'hedgehog').click();
    await showsTitle(page, 'field');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(TRACK_S + 0.2);
    expect((await soundOf(page)).atS).toBeLessThan(TRACK_S + 5);
    await removal(page, 'field').click();
    await showsTitle(page, 'hare');
    await expect.poll(async () => (await soundOf(page)).isPaused).toBe(true);
    expect((await soundOf(page)).atS).toBe(0);
    await page.context().close();
  });

  it('is loaded once for edits made in a row, and not for those that leave all as it was', async () => {
    const page = await playSecondOf('many');
    const addresses = new Set([(await soundOf(page)).address]);
    page.on('request', (request) => {
      if (request.url().includes('/stream.mp3')) addresses.add(request.url());
    });
    const main = page.getByRole('main');
    await edit(page, async () => {
      await main.getByRole('button', { name: `Move ${titleOf('hare')} down` }).click();
      await main.getByRole('button', { name: `Move ${titleOf('hare')} down` }).click();
      await page.getByRole('button', { name: 'Undo' }).first().click();
      await main.getByRole('button', { name: `Move ${titleOf('hare')} up` }).click();
    });
    await edit(page, async () => {
      await main.getByRole('button', { name: 'Settings', exact: true }).click();
      await page.getByLabel('Title').fill('Another title');
      await page.getByRole('button', { name: 'Save' }).click();
      await main.getByRole('heading', { name: 'Another title' }).waitFor();
    });
    const { atS } = await soundOf(page);
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(atS + 0.5);
    expect(addresses.size).toBe(1);
    await removal(page, 'field').click();
    await expect.poll(() => addresses.size).toBe(2);
    await page.context().close();
  });

  it('has the order of a shuffle that it is told', async () => {
    const page = await playStream('mixed', 'shuffle');
    const { address } = await soundOf(page);
    const shown = await barOf(page)
      .getByRole('button', { name: /^Show more/ })
      .innerText();
    const other = NAMES.find((name) => !shown.includes(titleOf(name))) ?? '';
    await removal(page, other).click();
    await expect.poll(async () => (await soundOf(page)).address).not.toBe(address);
    const seed = new URL(address).searchParams.get('seed');
    const { body } = await home.call(`/api/streams/mixed/plan?play_mode=shuffle&seed=${String(seed)}`);
    const titles = (body['tracks'] as { title: string }[]).map(({ title }) => title);
    const large = await openLarge(page);
    const buttons = large.getByRole('list', { name: 'What plays' }).getByRole('button');
    await expect.poll(() => buttons.count()).toBe(titles.length);
    for (const [index, title] of titles.entries()) {
      expect(await buttons.nth(index).innerText()).toContain(title);
    }
    await page.context().close();
  });

  it('keeps a loop as it began, and plays what comes next now when it is asked to', async () => {
    const page = await playStream('round', 'loop');
    const { address } = await soundOf(page);
    await edit(page, () => removal(page, 'hedgehog').click());
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(3);
    expect((await soundOf(page)).address).toBe(address);
    await press(page, 'Next');
    await showsTitle(page, 'field');
    // At once, not after what was removed.
    expect((await soundOf(page)).atS).toBeLessThan(TRACK_S / 2);
    expect((await soundOf(page)).address).toContain(`from=${String(TRACK_S)}`);
    // What plays is no more: what took its place is the next.
    await edit(page, () => removal(page, 'field').click());
    await press(page, 'Next');
    await showsTitle(page, 'hare');
    expect((await soundOf(page)).address).toContain(`from=${String(TRACK_S)}`);
    await page.context().close();
  });

  it('complains of nothing, and asks nobody else', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
