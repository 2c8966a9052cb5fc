import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, PHONE } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';
import { makeStream, uploadTones } from './player-home.ts';

const VIEWS = [
  '/library',
  '/library/hare.mp3',
  '/streams',
  '/streams/story',
  '/work',
  '/settings',
  '/settings/account',
  '/settings/keys',
  '/settings/users',
  '/settings/speech',
  '/settings/server',
];

/** All that the first view loads, as it is sent. */
const MAX_FIRST_LOAD_BYTES = 200_000;
/** What browsers call good (web.dev, Cumulative Layout Shift). */
const MAX_LAYOUT_SHIFT = 0.1;
const YEAR_S = 31_536_000;

describe.skipIf(chromiumPath === null)('the whole page', () => {
  let home: PageHome;
  let page: Page;
  let phone: Page;

  beforeAll(async () => {
    home = await openPageHome();
    await uploadTones(home, ['hare', 'hedgehog']);
    await makeStream(home, 'story', ['hare', 'hedgehog']);
    // The narrowest screen that there is: also a wide one at 400 %.
    page = await home.openPage('/library', { viewport: { width: 320, height: 640 } });
    phone = await home.openPage('/library', PHONE);
    await phone.addInitScript(FOLLOW_SHIFTS);
  });
  afterAll(() => home.close());

  const open = async (shown: Page, path: string): Promise<void> => {
    await shown.goto(path);
    await shown.getByRole('heading').first().waitFor();
    await shown.waitForLoadState('networkidle');
  };

  it('loads little before something is seen', async () => {
    const profile = await home.openPage('/library');
    const session = await profile.context().newCDPSession(profile);
    await session.send('Network.enable');
    await session.send('Network.clearBrowserCache');
    let bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await profile.goto('/library');
    await profile.getByRole('heading').first().waitFor();
    await profile.waitForLoadState('networkidle');

    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(MAX_FIRST_LOAD_BYTES);
    await profile.context().close();
  });

  it.each(VIEWS)('%s fits a narrow screen, and has no barriers', async (path) => {
    await open(page, path);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect(await page.evaluate('document.documentElement.lang')).toBe('en');
    expect(await page.title()).toMatch(/^\S.* – Earshot$/);
    expect(await findBarriersInBoth(page)).toEqual([]);
  });

  it('lets a stranger in without barriers', async () => {
    const profile = await home.browser.openProfile({ viewport: { width: 320, height: 640 } });
    const login = await profile.newPage();
    await login.goto('/login');
    await login.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await login.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect(await findBarriersInBoth(login)).toEqual([]);
    await profile.close();
  });

  it.each(VIEWS)('%s can be read with letters twice as large, on a phone', async (path) => {
    await open(phone, path);
    await phone.evaluate(`document.documentElement.style.fontSize = '200%'`);
    await expect.poll(() => phone.evaluate('document.documentElement.scrollWidth')).toBe(390);
    // Nothing that says something is cut off, but where three dots tell of it.
    expect(await phone.evaluate(FIND_CUT_OFF)).toEqual([]);
  });

  it.each(VIEWS)('%s stays where it is while it loads', async (path) => {
    await open(phone, path);
    expect(await phone.evaluate('globalThis.shifted')).toBeLessThan(MAX_LAYOUT_SHIFT);
  });

  it('is sent small, and kept where its name changes with it', async () => {
    const headers = { 'accept-encoding': 'br' };
    const document = await fetch(`${home.url}/library`, { headers });
    expect(document.headers.get('cache-control')).toBe('no-cache');
    expect(document.headers.get('content-encoding')).toBe('br');
    const html = await document.text();
    expect(html).toMatch(/<meta name="viewport" content="width=device-width, initial-scale=1(?:, [^"]*)?"/);
    expect(html).not.toMatch(/user-scalable|maximum-scale/);
    const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(assets.length).toBeGreaterThan(1);
    for (const path of assets) {
      const answer = await fetch(`${home.url}${path}`, { headers });
      expect(answer.headers.get('content-encoding'), path).toBe('br');
      expect(answer.headers.get('cache-control'), path).toBe(`public, max-age=${YEAR_S}, immutable`);
      expect(answer.headers.get('x-content-type-options'), path).toBe('nosniff');
      await answer.body?.cancel();
    }
  });

  it('complains of nothing, of its policy neither', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});

/** Text that is higher or wider than what shows it. */
const FIND_CUT_OFF = `[...document.querySelectorAll('main *, nav *')]
  .filter((element) => [...element.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim() !== ''))
  .filter((element) => {
    const { overflowX, overflowY, textOverflow, position } = getComputedStyle(element);
    const isHidden = position === 'absolute' && element.clientWidth <= 1;
    const isShortened = textOverflow === 'ellipsis' || getComputedStyle(element).webkitLineClamp !== 'none';
    if (isHidden || isShortened) return false;
    const cutsX = overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
    const cutsY = overflowY === 'hidden' && element.scrollHeight > element.clientHeight + 1;
    return cutsX || cutsY;
  })
  .map((element) => element.tagName + ': ' + element.textContent)`;

const FOLLOW_SHIFTS = `(() => {
  globalThis.shifted = 0;
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) {
      if (!hadRecentInput) globalThis.shifted += value;
    }
  }).observe({ type: 'layout-shift', buffered: true });
})()`;
