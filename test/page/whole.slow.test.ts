import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBarriers } from './axe.ts';
import { chromiumPath } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';

const VIEWS = [
  '/library',
  '/streams',
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

describe.skipIf(chromiumPath === null)('the whole page', () => {
  let home: PageHome;
  let page: Page;

  beforeAll(async () => {
    home = await openPageHome();
    // The narrowest screen that there is: also a wide one at 400 %.
    page = await home.openPage('/library', { viewport: { width: 320, height: 640 } });
  });
  afterAll(() => home.close());

  const open = async (path: string): Promise<void> => {
    await page.goto(path);
    await page.getByRole('heading').first().waitFor();
    await page.waitForLoadState('networkidle');
  };

  it('loads little before something is seen', async () => {
    const profile = await home.openPage('/library');
    const session = await profile.context().newCDPSession(profile);
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
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
    await open(path);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect(await page.evaluate('document.documentElement.lang')).toBe('en');
    expect(await page.title()).toContain('Earshot');
    expect(await findBarriers(page)).toEqual([]);
  });

  it('complains of nothing, of its policy neither', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
