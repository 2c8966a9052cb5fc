import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './browser.ts';
import { openPageHome, PASSWORD, type PageHome } from './home.ts';

describe.skipIf(chromiumPath === null)('logging in', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
  });
  afterAll(() => home.close());

  it('asks who comes first, says what was wrong, and goes on to where it was asked to go', async () => {
    const profile = await home.browser.openProfile();
    const page = await profile.newPage();
    await page.goto('/streams');
    await page.getByLabel('User').fill('admin');
    await page.getByLabel('Password').fill('something else');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').getByText('the password is another').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL('**/streams');
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    await profile.close();
  });

  it('leads nowhere else, whatever the address says', async () => {
    const profile = await home.browser.openProfile();
    const page = await profile.newPage();
    await page.goto('/login?next=//example.org/');
    await page.getByLabel('User').fill('admin');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL('**/library');
    await profile.close();
  });

  it('complains of nothing, and asks nobody else', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
