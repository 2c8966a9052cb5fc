import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './browser.ts';
import { openPageHome, PASSWORD, type PageHome } from './home.ts';

describe.skipIf(chromiumPath === null)('a session', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
  });
  afterAll(() => home.close());

  it('that ends in the middle of an edit is taken up again with nothing lost', async () => {
    const page = await home.openPage('/settings/users');
    await page.getByRole('button', { name: 'Add a user' }).click();
    const form = page.getByRole('dialog', { name: 'Add a user' });
    await form.getByLabel('User name').fill('ada');
    await form.getByLabel('Password').fill('a password for ada');
    await page.context().clearCookies();
    await form.getByRole('button', { name: 'Add a user' }).click();

    const login = page.getByRole('dialog', { name: 'Log in' });
    await login.getByText('nothing you typed is lost').waitFor();
    // There is no way past it, and browsers close a dialog at the second of them.
    expect(await login.getByRole('button', { name: 'Close' }).count()).toBe(0);
    const focused = () => login.locator(':focus').getAttribute('name');
    expect(await focused()).toBe('username');
    for (let times = 0; times < 3; times += 1) {
      await page.keyboard.press('Escape');
      await expect.poll(focused).toBe('username');
    }
    await login.getByLabel('User').fill('admin');
    await login.getByLabel('Password').fill(PASSWORD);
    await login.getByRole('button', { name: 'Log in' }).click();
    await login.waitFor({ state: 'detached' });
    expect(await form.getByLabel('User name').inputValue()).toBe('ada');
    await form.getByRole('button', { name: 'Add a user' }).click();
    await page.getByRole('listitem', { name: 'ada' }).waitFor();
    await page.context().close();
  });

  it('ends in all tabs at once', async () => {
    const first = await home.openPage('/settings/account');
    const second = await first.context().newPage();
    await second.goto('/work');
    await second.getByRole('heading', { name: 'Work' }).waitFor();
    await first.getByRole('button', { name: 'Log out' }).click();
    await first.waitForURL('**/login');
    await second.waitForURL('**/login');
    await first.context().close();
  });

  it('complains of nothing', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
