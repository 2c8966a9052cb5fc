import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';
import { makeStream, openPlayer, press, showsTitle, soundOf, titleOf, uploadTones } from './player-home.ts';

const NAMES = ['hare', 'hedgehog', 'field'];
const TRACK_S = 60;

describe.skipIf(chromiumPath === null)('the player of a loop that was edited', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
    await uploadTones(home, NAMES, TRACK_S);
    await makeStream(home, 'round', NAMES, 'loop');
  });
  afterAll(() => home.close());

  it('goes on in the same track after a break, which the new connection has elsewhere', async () => {
    const page = await home.openPage('/streams/round');
    await openPlayer(page, { kind: 'stream', name: 'round', title: 'Round', playMode: 'loop' });
    await press(page, 'Play');
    await showsTitle(page, 'hare');
    await press(page, 'Next');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(0.3);
    const { address } = await soundOf(page);
    expect(address).toContain(`from=${String(TRACK_S)}`);
    const looked = page.waitForResponse((response) => response.url().includes('/plan?play_mode='));
    const removal = page.getByRole('button', { name: `Remove ${titleOf('hare')}`, exact: true });
    await removal.click();
    await looked;
    expect((await soundOf(page)).address).toBe(address);

    const restart = await home.cut();
    await restart();
    await expect.poll(async () => (await soundOf(page)).address, { timeout: 60_000 }).not.toBe(address);
    const from = Number(new URL((await soundOf(page)).address).searchParams.get('from'));
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThan(TRACK_S);
    await showsTitle(page, 'hedgehog');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(0.3);
    await showsTitle(page, 'hedgehog');
    await page.context().close();
  });
});
