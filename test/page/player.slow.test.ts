import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, PHONE } from './browser.ts';
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

const NAMES = ['hare', 'hedgehog', 'field'];
const STORY = { kind: 'stream', name: 'story', title: 'Good night', playMode: 'sequential' } as const;

describe.skipIf(chromiumPath === null)('the player', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
    await uploadTones(home, NAMES);
    await makeStream(home, 'story', NAMES);
    await makeStream(home, 'round', NAMES, 'loop');
    await uploadTones(home, ['book'], 60);
  });
  afterAll(() => home.close());

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

  it('goes on where it was stopped, and begins anew when it is asked to', async () => {
    await home.call('/api/audio/book.mp3/position', { method: 'PUT', json: { position_s: 30 } });
    const page = await home.openPage('/library');
    await openPlayer(page, { kind: 'file', name: 'book.mp3', title: titleOf('book') }, 60);
    // It is said for a moment.
    await Promise.all([barOf(page).getByText('Went on at 0:30.').waitFor(), press(page, 'Play')]);
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(30.3);
    // Nothing that takes keys has the focus.
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('Space');
    await expect.poll(async () => (await soundOf(page)).isPaused).toBe(true);
    const keptS = async () => Number((await home.call('/api/audio/book.mp3/position')).body['position_s']);
    await expect.poll(keptS).toBeGreaterThan(30.3);
    const large = await openLarge(page);
    await large.getByRole('button', { name: 'From the beginning' }).click();
    await expect.poll(async () => (await soundOf(page)).atS).toBeLessThan(5);
    await large.getByLabel('Speed').selectOption('1.5×');
    expect((await soundOf(page)).rate).toBe(1.5);
    await page.context().close();
  });

  it('plays what has no end: by tracks, without a slider', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, { kind: 'stream', name: 'round', title: 'Round', playMode: 'loop' });
    await press(page, 'Play');
    await showsTitle(page, 'hare');
    await barOf(page)
      .getByText(/playing for 0:0[1-9]/)
      .waitFor();
    expect(await barOf(page).getByRole('slider').count()).toBe(0);
    // Once around.
    for (const name of ['hedgehog', 'field', 'hare']) {
      await press(page, 'Next');
      await showsTitle(page, name);
    }
    expect((await soundOf(page)).address).toContain(`from=${String(3 * TONE_S)}`);
    await page.context().close();
  });

  it('goes on by itself when the connection is back', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, { kind: 'stream', name: 'round', title: 'Round', playMode: 'loop' });
    await press(page, 'Play');
    await showsTitle(page, 'hare');
    await page.route('**/stream.mp3*', (route) => route.abort());
    await press(page, 'Next');
    await barOf(page).getByRole('status').getByText('The connection is lost.').waitFor();
    await page.unroute('**/stream.mp3*');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(0.3);
    await showsTitle(page, 'hedgehog');
    expect(await barOf(page).getByText('The connection is lost.').count()).toBe(0);
    await page.context().close();
    // That is what was done to it, and nothing else.
    const others = home.browser.complaints.splice(0).filter((text) => !text.includes('net::ERR_FAILED'));
    expect(others).toEqual([]);
  });

  it('stops by the timer of the server with the track, and says what plays to the keys of the device', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, STORY);
    await press(page, 'Play');
    await showsTitle(page, 'hare');
    const large = await openLarge(page);
    await large.getByLabel('Sleep timer').selectOption('To the end of this');
    await large.getByText(/Stops in 0:0\d/).waitFor();
    expect((await soundOf(page)).address).toContain('sleep_mode=track');
    const metadata = `(({ title, artist }) => [title, artist])(navigator.mediaSession.metadata)`;
    expect(await page.evaluate(metadata)).toEqual([titleOf('hare'), STORY.title]);
    await large.getByRole('button', { name: 'Play', exact: true }).waitFor();
    await large.getByText('No sleep timer').first().waitFor({ state: 'attached' });
    // And on from there.
    await large.getByRole('button', { name: 'Play', exact: true }).click();
    await large.getByRole('heading', { name: titleOf('hedgehog') }).waitFor();
    await page.context().close();
  });

  it('follows what is said, and seeks by it', async () => {
    const segments = [
      { start_s: 0, end_s: 2, text: 'Once upon a time.' },
      { start_s: 3, end_s: 5, text: 'The race began.' },
    ];
    await home.call('/api/audio/hedgehog.mp3/transcript', { method: 'PUT', json: { segments } });
    const page = await home.openPage('/library', PHONE);
    await openPlayer(page, STORY);
    await press(page, 'Play');
    await showsTitle(page, 'hare');
    const large = await openLarge(page);
    await large.getByRole('button', { name: titleOf('hedgehog') }).click();
    await large.getByRole('tab', { name: 'Transcript' }).click();
    const line = large.getByRole('button', { name: 'The race began.' });
    await line.click();
    await expect.poll(() => line.getAttribute('aria-current')).toBe('true');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(TONE_S + 3);
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.context().close();
  });

  it('keeps nobody out, on a desktop', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, STORY);
    await press(page, 'Play');
    await showsTitle(page, 'hare');
    expect(await findBarriersInBoth(page)).toEqual([]);
    await openLarge(page);
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    const focused = `document.activeElement.textContent`;
    expect(await page.evaluate(focused)).toContain('Show more of what plays');
    await page.context().close();
  });

  it('says what is no longer there', async () => {
    const page = await home.openPage('/library');
    await openPlayer(page, { kind: 'file', name: 'gone.mp3', title: 'Gone' }, 60);
    await press(page, 'Play');
    await barOf(page).getByRole('status').getByText('This is no longer there.').waitFor();
    await barOf(page).getByRole('button', { name: 'Play', exact: true }).waitFor();
    await page.context().close();
  });

  it('complains of nothing, and asks nobody else', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
