import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';

describe.skipIf(chromiumPath === null)('a server that is away', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
  });
  afterAll(() => home.close());

  it('is waited for by a view that was not loaded yet; the document stays', async () => {
    const page = await home.openPage('/library');
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    const places = page.getByRole('navigation', { name: 'Main' });
    await page.evaluate('globalThis.isTheSame = true');
    const start = await home.cut();
    await places.getByRole('link', { name: 'Settings' }).click();
    await page.getByText('The server cannot be reached').waitFor();
    await page.getByRole('heading', { name: 'Library' }).waitFor();
    await start();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await page.getByText('The server cannot be reached').waitFor({ state: 'hidden' });
    expect(await page.evaluate('globalThis.isTheSame')).toBe(true);
    await page.context().close();
  });
});
