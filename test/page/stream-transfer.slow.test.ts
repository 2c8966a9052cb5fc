import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, PHONE } from './browser.ts';
import type { PageHome } from './home.ts';
import { filesNamed, filesOf, openStreamHome, putStream } from './stream-home.ts';

describe.skipIf(chromiumPath === null)('streams in a file', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openStreamHome();
    await putStream(home, 'night', { files: filesNamed('Bear', 'Apple'), play_mode: 'shuffle' });
    await putStream(home, 'day', { files: filesNamed('Cloud') });
  });
  afterAll(() => home.close());

  async function openTransfer(page: Page): Promise<Locator> {
    await page.getByRole('button', { name: 'Export and import' }).click();
    return page.getByRole('dialog', { name: 'Export and import streams' });
  }
  async function download(dialog: Locator): Promise<string> {
    const begun = dialog.page().waitForEvent('download');
    await dialog.getByRole('link', { name: 'Download all streams' }).click();
    const file = await begun;
    expect(file.suggestedFilename()).toBe('earshot-streams.json');
    return readFile(await file.path(), 'utf8');
  }
  async function importFile(dialog: Locator, content: string): Promise<void> {
    const asked = dialog.page().waitForEvent('filechooser');
    await dialog.getByRole('button', { name: 'Choose a file to import' }).click();
    const file = { name: 'a file.json', mimeType: 'application/json', buffer: Buffer.from(content) };
    await (await asked).setFiles(file);
  }
  const resultOf = (dialog: Locator, name: string): Locator =>
    dialog.getByRole('list', { name: 'What became of them' }).getByRole('listitem').filter({ hasText: name });

  it('bring back one that was deleted, also when its deletion could still be undone', async () => {
    const page = await home.openPage('/streams');
    const kept = await download(await openTransfer(page));
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'night' }).click();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Delete this stream' }).click();
    await page.waitForURL('**/streams');
    await page.getByRole('button', { name: 'Undo' }).waitFor();

    const dialog = await openTransfer(page);
    await importFile(dialog, kept);
    await dialog.getByText('1 of 2 streams imported, 1 here already.').waitFor();
    await resultOf(dialog, 'night').getByText('Imported.').waitFor();
    await resultOf(dialog, 'day').getByText('there is a stream of this name already').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'night' }).click();
    await page.getByRole('list', { name: 'Queue' }).getByRole('link', { name: 'Bear' }).waitFor();
    expect((await home.call('/api/streams/night/queue')).body).toMatchObject({
      files: filesNamed('Bear', 'Apple'),
      play_mode: 'shuffle',
    });
    await page.context().close();
  });

  it('replace those there are where that is chosen, and name what is not in the library', async () => {
    const page = await home.openPage('/streams', PHONE);
    const dialog = await openTransfer(page);
    const kept = await download(dialog);
    await putStream(home, 'night', { files: filesNamed('Drum') });
    await dialog.getByLabel('A stream that is here already').selectOption('is replaced by that of the file');
    await importFile(dialog, kept.replace('"Cloud.mp3"', '"Cloud.mp3", "Gone.mp3"'));
    await dialog.getByText('2 of 2 streams imported.').waitFor();
    await resultOf(dialog, 'day').getByText('what the library does not have: Gone.mp3').waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    expect(await filesOf(home, 'night')).toEqual(filesNamed('Bear', 'Apple'));
    await page.context().close();
  });

  it('are refused in words where the file or one of them is wrong', async () => {
    const page = await home.openPage('/streams');
    const dialog = await openTransfer(page);
    const refusal = dialog.getByRole('alert').getByText('There are no streams in this file');
    await importFile(dialog, 'Dear diary');
    await refusal.waitFor();
    const answer = page.waitForResponse('**/api/streams/import*');
    await importFile(dialog, '{"hello":"world"}');
    expect((await answer).status()).toBe(400);
    await refusal.waitFor();
    const streams = [
      { name: 'not a name', files: [] },
      { name: 'fine', files: filesNamed('Drum') },
    ];
    await importFile(dialog, JSON.stringify({ streams }));
    await dialog.getByText('1 of 2 streams imported, 1 not possible.').waitFor();
    expect(await dialog.getByRole('alert').count()).toBe(0);
    await resultOf(dialog, 'not a name').getByText('Not imported: A stream name').waitFor();
    expect(await filesOf(home, 'fine')).toEqual(filesNamed('Drum'));
    await page.context().close();
  });

  it('complain of nothing but what the server refused', () => {
    expect(home.browser.complaints.filter((complaint) => !/status of 400/.test(complaint))).toEqual([]);
  });
});
