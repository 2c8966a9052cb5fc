import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, PHONE } from './browser.ts';
import type { PageHome } from './home.ts';
import { filesNamed, filesOf, openStreamHome, putStream, shownTitles } from './stream-home.ts';

describe.skipIf(chromiumPath === null)('streams of more than one person', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openStreamHome();
  });
  afterAll(() => home.close());

  it('are not overwritten by two who edit at once: the second sees what the first did, and may do theirs again', async () => {
    await putStream(home, 'both', { files: filesNamed('Apple', 'Bear', 'Cloud') });
    const [one, other] = [await home.openPage('/streams/both'), await home.openPage('/streams/both')];
    for (const page of [one, other]) await page.getByRole('link', { name: 'Cloud' }).waitFor();
    // Exactly between what the second does and what comes of it: looks at the server now and then show what is new.
    const interrupt = (path: string, edit: () => Promise<void>) =>
      other.route(
        path,
        async (route) => {
          await edit();
          await route.continue();
        },
        { times: 1 },
      );

    await interrupt('**/queue/reorder', async () => {
      await one.getByRole('button', { name: 'Remove Apple' }).click();
      await expect.poll(() => filesOf(home, 'both')).toEqual(filesNamed('Bear', 'Cloud'));
    });
    await other.getByRole('button', { name: 'Move Cloud up' }).click();
    const notice = other.getByRole('alert');
    await notice.getByText('Somebody else changed this stream').waitFor();
    await notice.getByText('Moved Cloud to place 2').waitFor();
    expect(await shownTitles(other)).toEqual(['Bear', 'Cloud']);
    expect(await filesOf(home, 'both')).toEqual(filesNamed('Bear', 'Cloud'));
    await notice.getByRole('button', { name: 'Keep theirs' }).click();
    await notice.waitFor({ state: 'detached' });

    await interrupt('**/api/streams/both', async () => {
      await one.getByRole('button', { name: 'Remove Cloud' }).click();
      await expect.poll(() => filesOf(home, 'both')).toEqual(filesNamed('Bear'));
    });
    await other.getByRole('button', { name: 'Shuffle' }).click();
    await notice.getByRole('button', { name: 'Do mine again' }).click();
    const mode = async () => (await home.call('/api/streams/both/queue')).body['play_mode'];
    await expect.poll(mode).toBe('shuffle');
    expect(await filesOf(home, 'both')).toEqual(filesNamed('Bear'));
    for (const page of [one, other]) await page.context().close();
  });

  it('are shared by a link in all its forms, which plays for whoever has it until it is revoked', async () => {
    await putStream(home, 'shared', { files: filesNamed('Apple', 'Bear') });
    const page = await home.openPage('/streams/shared', PHONE);
    await page.getByRole('button', { name: 'Share' }).tap();
    const dialog = page.getByRole('dialog', { name: 'Share' });
    await dialog.getByRole('button', { name: 'Make a link' }).tap();
    await dialog.getByRole('img', { name: 'QR code' }).waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);

    const address = () => dialog.getByRole('textbox', { name: 'Address' }).inputValue();
    expect(await address()).toMatch(new RegExp(`^${home.url}/listen/[^/?]+$`));
    const forms = {
      player: 'audio/mpeg',
      podcast: 'application/rss+xml',
      hls: 'mpegurl',
      m3u: 'mpegurl',
      pls: 'scpls',
    };
    for (const [form, mediaType] of Object.entries(forms)) {
      await dialog.getByLabel('What is it for?').selectOption(form);
      const answer = await fetch(await address());
      expect([form, answer.status]).toEqual([form, 200]);
      expect(answer.headers.get('content-type')).toContain(mediaType);
      await answer.body?.cancel();
    }
    await dialog.getByLabel('What is it for?').selectOption('player');
    const player = await address();

    await dialog.getByRole('button', { name: 'Revoke the link' }).tap();
    await dialog.getByRole('button', { name: 'Revoke it now' }).tap();
    await dialog.getByRole('button', { name: 'Make a link' }).waitFor();
    expect((await fetch(player)).status).toBe(401);
    await page.context().close();
  });

  it('have addresses that are copied by a button, or by hand where there is no clipboard', async () => {
    await putStream(home, 'copied', { files: filesNamed('Apple') });
    const page = await home.openPage('/streams/copied');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const clipboard = await page.context().newPage();
    await clipboard.goto('/login');
    const copied = async () => {
      await clipboard.bringToFront();
      const text = await clipboard.evaluate<string>('navigator.clipboard.readText()');
      await page.bringToFront();
      return text;
    };
    await page.getByRole('button', { name: 'Share' }).click();
    const dialog = page.getByRole('dialog', { name: 'Share' });
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    const field = dialog.getByRole('textbox', { name: 'Address' });
    await dialog.getByRole('button', { name: 'Copy' }).click();
    await dialog.getByRole('status').getByText('Copied.').waitFor();
    expect(await copied()).toBe(await field.inputValue());

    // As over plain HTTP.
    await page.evaluate(`Object.defineProperty(navigator, 'clipboard', { value: undefined })`);
    await page.evaluate(`Object.defineProperty(window, 'isSecureContext', { value: false })`);
    await dialog.getByLabel('What is it for?').selectOption('podcast');
    await dialog.getByRole('button', { name: 'Copy' }).click();
    await dialog.getByRole('status').getByText('It is marked: copy it by hand.').waitFor();
    expect(await page.evaluate('getSelection().toString()')).toBe(await field.inputValue());
    await page.keyboard.press('Control+c');
    expect(await copied()).toBe(await field.inputValue());
    await page.context().close();
  });

  it('are named, given a time to live, shown as they will play, and deleted with an undo', async () => {
    await putStream(home, 'night', { files: filesNamed('Apple', 'Bear', 'Cloud'), play_mode: 'shuffle' });
    const page = await home.openPage('/streams/night');
    await page.getByRole('button', { name: 'Show what will play' }).click();
    await page.getByText(/^Seed \d+$/).waitFor();
    const order = page.getByRole('list', { name: 'What will play' }).getByRole('listitem');
    await expect.poll(() => order.count()).toBe(3);

    await page.getByRole('button', { name: 'Settings' }).click();
    const dialog = page.getByRole('dialog', { name: 'Settings of the stream' });
    await dialog.getByLabel('Title').fill('Good night');
    await dialog.getByLabel('How long it stays').selectOption('week');
    expect(await findBarriersInBoth(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Good night' }).waitFor();
    const queue = async () => (await home.call('/api/streams/night/queue')).body;
    await expect.poll(queue).toMatchObject({ title: 'Good night', persistence: 'session' });
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect.poll(queue).toMatchObject({ persistence: 'permanent' });
    expect(await queue()).not.toHaveProperty('title');

    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Delete this stream' }).click();
    await page.waitForURL('**/streams');
    const link = page.getByRole('link', { name: 'night' });
    await page.getByRole('link', { name: 'shared' }).waitFor();
    expect(await link.count()).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await link.click();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Delete this stream' }).click();
    await page.getByRole('button', { name: 'Close' }).click();
    const status = async () => (await home.call('/api/streams/night/queue')).status;
    await expect.poll(status).toBe(404);
    await page.context().close();
  });

  it('complain of nothing, and ask nobody else', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
