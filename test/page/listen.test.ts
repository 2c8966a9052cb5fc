import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../e2e/client.ts';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, DESKTOP, PHONE } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';
import { makeStream, soundOf, titleOf, uploadTones } from './player-home.ts';

const SECONDS = 4;
const NAMES = ['hare', 'hedgehog', 'field'];

describe.skipIf(chromiumPath === null)('a page for the bearer of a link', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
    await uploadTones(home, NAMES, SECONDS);
    await makeStream(home, 'story', NAMES);
    await makeStream(home, 'round', NAMES, 'loop');
    await makeStream(home, 'mixed', NAMES, 'shuffle');
  });
  afterAll(() => home.close());

  async function makeLink(path: string): Promise<{ id: string; token: string }> {
    const { body } = await home.call(`${path}/links`, { method: 'POST', json: {} });
    return { id: String(body['id']), token: String(body['token']) };
  }
  /** In a window where nobody is logged in. */
  async function openLink(token: string, options = PHONE): Promise<Page> {
    const profile = await home.browser.openProfile(options);
    const page = await profile.newPage();
    await page.goto(`/listen/${encodeURIComponent(token)}`);
    return page;
  }
  const tileOf = (page: Page, name: string) =>
    page.getByRole('list', { name: 'What there is to hear' }).getByRole('button', { name: titleOf(name) });
  const control = (page: Page, name: string) =>
    page.getByRole('group', { name: 'Play and pause' }).getByRole('button', { name, exact: true });
  const waitForCurrent = (page: Page, name: string) =>
    expect.poll(() => tileOf(page, name).getAttribute('aria-current')).toBe('true');

  it('plays from the tile that is tapped, on to the next, and pauses', async () => {
    const { token } = await makeLink('/api/streams/story');
    const page = await openLink(token);
    await tileOf(page, 'hedgehog').tap();
    await waitForCurrent(page, 'hedgehog');
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(0.3);
    expect((await soundOf(page)).address).toContain(`from=${String(SECONDS)}`);
    // Over the join.
    await waitForCurrent(page, 'field');
    await control(page, 'Pause').tap();
    await expect.poll(async () => (await soundOf(page)).isPaused).toBe(true);
    await control(page, 'The next one').tap();
    await waitForCurrent(page, 'hare');
    await page.context().close();
  });

  it('is played by the keys of the device, whose lock screen shows what is heard', async () => {
    await home.upload('with-cover.mp3', await fixture('with-cover.mp3'));
    await makeStream(home, 'shown', ['hare', 'with-cover']);
    const { token } = await makeLink('/api/streams/shown');
    const profile = await home.browser.openProfile();
    // Only the device presses them: what it would press is kept.
    await profile.addInitScript(`
      globalThis.keys = {};
      navigator.mediaSession.setActionHandler = (key, handler) => { globalThis.keys[key] = handler; };
    `);
    const page = await profile.newPage();
    await page.goto(`/listen/${encodeURIComponent(token)}`);
    const shown = () =>
      page.evaluate<{ title: string; artist: string; artwork: { src: string }[] } | null>(
        `(({ metadata: said }) => said && { title: said.title, artist: said.artist, artwork: [...said.artwork] })(
          navigator.mediaSession
        )`,
      );
    const pressKey = (key: string) => page.evaluate(`globalThis.keys['${key}']({ action: '${key}' })`);
    await tileOf(page, 'hare').waitFor();
    expect(await shown()).toBeNull();
    await pressKey('play');
    await expect.poll(shown).toMatchObject({ title: titleOf('hare'), artist: 'shown', artwork: [] });
    await pressKey('nexttrack');
    await expect.poll(async () => (await shown())?.artwork).toHaveLength(1);
    const picture = await fetch((await shown())?.artwork[0]?.src ?? '');
    expect(picture.headers.get('content-type')).toMatch(/^image\//);
    await pressKey('pause');
    await expect.poll(async () => (await soundOf(page)).isPaused).toBe(true);
    expect(await page.evaluate('navigator.mediaSession.playbackState')).toBe('paused');
    await pressKey('previoustrack');
    await waitForCurrent(page, 'hare');
    await expect.poll(async () => (await soundOf(page)).isPaused).toBe(false);
    // Another tab is heard instead.
    const other = await profile.newPage();
    await other.goto(page.url());
    await tileOf(other, 'hare').click();
    await expect.poll(async () => (await soundOf(page)).isPaused).toBe(true);
    await profile.close();
  });

  it('leads nowhere else', async () => {
    const { token } = await makeLink('/api/streams/story');
    const page = await openLink(token);
    await tileOf(page, 'hare').waitFor();
    expect(await page.locator('a, input, select, textarea, nav, audio[controls]').count()).toBe(0);
    expect(await page.getByRole('button').count()).toBe(NAMES.length + 3);
    const isKept = `new Promise((resolve) => {
      document.addEventListener('contextmenu', (event) => resolve(event.defaultPrevented), { once: true });
      document.querySelector('li button').dispatchEvent(
        new MouseEvent('contextmenu', { bubbles: true, cancelable: true }),
      );
    })`;
    expect(await page.evaluate(isKept)).toBe(true);
    await page.context().close();
  });

  it('plays a shuffle as one sound too, in the order of the day', async () => {
    const { token } = await makeLink('/api/streams/mixed');
    const { body } = await home.call(`/api/listen?token=${encodeURIComponent(token)}`);
    const tracks = body['tracks'] as { index: number; start_s: number }[];
    const order = tracks.toSorted((one, other) => one.start_s - other.start_s);
    const [first = '', second = ''] = order.map(({ index }) => NAMES[index] ?? '');
    const page = await openLink(token);
    await tileOf(page, first).tap();
    await waitForCurrent(page, first);
    const { address } = await soundOf(page);
    expect(new URL(address).searchParams.get('seed')).toBe(String(body['seed']));
    await waitForCurrent(page, second);
    expect((await soundOf(page)).address).toBe(address);
    await page.context().close();
  });

  it('begins again where there is no end', async () => {
    const { token } = await makeLink('/api/streams/round');
    const page = await openLink(token);
    await tileOf(page, 'field').tap();
    await waitForCurrent(page, 'field');
    await waitForCurrent(page, 'hare');
    await page.context().close();
  });

  it('plays a file, and says whom to ask when the link has been revoked', async () => {
    const { id, token } = await makeLink('/api/audio/hare.mp3');
    const page = await openLink(token);
    await control(page, 'Play').tap();
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThan(0.3);
    await home.call(`/api/audio/hare.mp3/links/${id}`, { method: 'DELETE' });
    await page.reload();
    await page.getByText('This does not play any more.').waitFor();
    await page.getByText('Ask a grown-up.').waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
    await page.context().close();
  });

  it('says so as well when it is revoked while it is open', async () => {
    const { id, token } = await makeLink('/api/streams/story');
    const page = await openLink(token);
    await tileOf(page, 'hare').waitFor();
    await home.call(`/api/streams/story/links/${id}`, { method: 'DELETE' });
    await tileOf(page, 'hare').tap();
    await page.getByText('Ask a grown-up.').waitFor();
    await page.context().close();
  });

  it.each([
    ['a phone', PHONE],
    ['a desktop', DESKTOP],
  ])('keeps nobody out, on %s', async (_, options) => {
    const { token } = await makeLink('/api/streams/story');
    const page = await openLink(token, options);
    await tileOf(page, 'hare').click();
    await waitForCurrent(page, 'hare');
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.context().close();
  });

  it('complains of nothing, and asks nobody else', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
