import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, PHONE } from './browser.ts';
import type { PageHome } from './home.ts';
import { filesNamed, openStreamHome, putStream } from './stream-home.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const STREAM = '/api/streams/night/links';
const FILE = '/api/audio/Apple.mp3/links';

describe.skipIf(chromiumPath === null)('the end of a link', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openStreamHome();
    await putStream(home, 'night', { files: filesNamed('Apple', 'Bear') });
  });
  afterAll(() => home.close());

  /** In days from now, of each link there is; null for one that has none. */
  async function endsOf(path: string): Promise<(number | null)[]> {
    const links = (await home.call(path)).body['links'] as { expires_at?: string }[];
    return links.map(({ expires_at: end }) =>
      end === undefined ? null : (Date.parse(end) - Date.now()) / DAY_MS,
    );
  }
  const about = (days: number): unknown => expect.closeTo(days, 2) as unknown;

  it('of a stream is chosen, and shown', async () => {
    const page = await home.openPage('/streams/night');
    await page.getByRole('button', { name: 'Share' }).click();
    const dialog = page.getByRole('dialog', { name: 'Share' });
    await dialog.getByLabel('The link opens it').selectOption('for 30 days');
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    await dialog
      .getByRole('listitem')
      .getByText(/^Made .* · opens until /)
      .waitFor();
    expect(await endsOf(STREAM)).toEqual([about(30)]);
    await dialog.getByLabel('The link opens it').selectOption('until it is revoked');
    await dialog.getByRole('button', { name: 'Make another link' }).click();
    await expect.poll(() => endsOf(STREAM)).toEqual([null, about(30)]);
    await page.context().close();
  });

  it('of what it plays is chosen, and stands in the address', async () => {
    await putStream(home, 'sleepy', { files: filesNamed('Apple', 'Bear'), play_mode: 'loop' });
    const page = await home.openPage('/streams/sleepy');
    await page.getByRole('button', { name: 'Share' }).click();
    const dialog = page.getByRole('dialog', { name: 'Share' });
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    await dialog.getByLabel('What is it for?').selectOption('A card, a radio, a player');
    await dialog.getByLabel('Ends by itself after').selectOption('30 minutes');
    const address = dialog.getByLabel('Address', { exact: true });
    await expect.poll(() => address.inputValue()).toMatch(/sleep_s=1800/);
    for (const kind of ['hls', 'm3u', 'player']) {
      await dialog.getByLabel('What is it for?').selectOption(kind);
      const url = await address.inputValue();
      expect(url).toContain('sleep_s=1800');
      expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    }
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.context().close();
  });

  it('of a file is chosen, shown, and said to be over when it is', async () => {
    const page = await home.openPage('/library/Apple.mp3', PHONE);
    await page.getByLabel('The link opens it').selectOption('for a day');
    await page.getByRole('button', { name: 'Make a link' }).tap();
    const url = await page.getByLabel('Copy it now').inputValue();
    expect((await fetch(url)).status).toBe(200);
    const link = page.getByRole('listitem').filter({ hasText: /^Made / });
    await link.getByText(/opens until /).waitFor();
    expect(await endsOf(FILE)).toEqual([about(1)]);
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.context().close();

    const later = await home.openPage('/library');
    await later.clock.setFixedTime(Date.now() + DAY_MS + MINUTE_MS);
    await later.goto('/library/Apple.mp3');
    await later.getByText(/opened until .*, and nothing any more/).waitFor();
    await later.context().close();
  });

  it('complains of nothing', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
