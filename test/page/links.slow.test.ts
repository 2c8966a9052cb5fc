import type { BrowserContextOptions, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, DESKTOP, PHONE } from './browser.ts';
import type { PageHome } from './home.ts';
import { filesNamed, openStreamHome, putStream } from './stream-home.ts';

const KINDS = [
  ['file', '/api/audio/Apple.mp3/links'],
  ['stream', '/api/streams/night/links'],
] as const;
type Kind = (typeof KINDS)[number][0];
const A_PAGE = 20;

describe.skipIf(chromiumPath === null)('playback links', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openStreamHome();
    await putStream(home, 'night', { files: filesNamed('Apple') });
  });
  afterAll(() => home.close());

  /** Where they are listed. */
  async function openLinks(kind: Kind, options: BrowserContextOptions = DESKTOP): Promise<Locator> {
    if (kind === 'file') {
      const page = await home.openPage('/library/Apple.mp3', options);
      return page.locator('main');
    }
    const page = await home.openPage('/streams/night', options);
    await page.getByRole('button', { name: 'Share' }).click();
    return page.getByRole('dialog', { name: 'Share' });
  }
  const makeLink = async (path: string): Promise<string> =>
    String((await home.call(path, { method: 'POST', json: {} })).body['url']);
  const statusOf = async (url: string): Promise<number> => {
    const answer = await fetch(url);
    await answer.body?.cancel();
    return answer.status;
  };
  const listIn = (place: Locator): Locator => place.getByRole('list', { name: 'Links there are' });

  it.each(KINDS)('of a %s are revoked after a question, as that cannot be taken back', async (kind, path) => {
    const url = await makeLink(path);
    const place = await openLinks(kind, PHONE);
    const revoke = listIn(place).getByRole('button', { name: 'Revoke the link' });
    await revoke.tap();
    const now = place.getByRole('button', { name: 'Revoke it now' });
    await now.and(place.locator(':focus')).waitFor();
    await place.getByText('This cannot be taken back.').waitFor();
    expect(await findBarriersInBoth(place.page())).toEqual([]);
    await place.getByRole('button', { name: 'Keep it' }).tap();
    await revoke.and(place.locator(':focus')).waitFor();
    expect(await statusOf(url)).toBe(200);

    await revoke.tap();
    await now.tap();
    await place.page().getByText('The link is revoked').waitFor();
    await listIn(place).waitFor({ state: 'detached' });
    expect(await statusOf(url)).toBe(401);
    await place.page().context().close();
  });

  it.each(KINDS)('of a %s are all shown, page by page', async (kind, path) => {
    for (let number = 0; number <= A_PAGE; number += 1) await makeLink(path);
    const place = await openLinks(kind);
    const links = listIn(place).getByRole('listitem');
    const more = place.getByRole('button', { name: 'Show more' });
    await more.waitFor();
    expect(await links.count()).toBe(A_PAGE);
    await more.click();
    await expect.poll(() => links.count()).toBe(A_PAGE + 1);
    await more.waitFor({ state: 'detached' });
    await place.page().context().close();
  });

  it('complain of nothing', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
