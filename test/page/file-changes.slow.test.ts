import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath } from './browser.ts';
import type { PageHome } from './home.ts';
import { filesNamed, openStreamHome, putStream } from './stream-home.ts';

describe.skipIf(chromiumPath === null)('changes of files', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openStreamHome();
  });
  afterAll(() => home.close());

  it('ask of each file that streams use whether it is deleted all the same', async () => {
    await putStream(home, 'day', { files: filesNamed('Cloud', 'Drum') });
    const page = await home.openPage('/library');
    for (const title of ['Cloud', 'Drum']) {
      await page.getByRole('link', { name: new RegExp(`^${title}`) }).click();
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByText(`“${title}” is deleted.`).waitFor();
      await page.waitForURL('**/library');
    }
    const refused = (title: string) =>
      page.waitForResponse((answer) => answer.url().includes(`${title}.mp3`) && answer.status() === 409);
    const both = Promise.all([refused('Cloud'), refused('Drum')]);
    // The time for an undo is over, of both: the second question would come over the first.
    await page.evaluate(`window.dispatchEvent(new Event('pagehide'))`);
    await both;
    const question = page.getByRole('dialog', { name: 'This file is in use' });
    await question.getByRole('button', { name: 'Keep the file' }).click();
    await question.getByRole('button', { name: 'Keep the file' }).click();
    await question.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: /^Cloud/ }).waitFor();
    await page.getByRole('link', { name: /^Drum/ }).waitFor();
    await page.context().close();
  });

  it('leave what somebody else wrote meanwhile, and say what that is', async () => {
    const page = await home.openPage('/library/Apple.mp3');
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit' });
    await dialog.getByLabel('Title').fill('My apple');
    const theirs = { tags: ['red', 'round'], description: 'Of a tree.' };
    await home.call('/api/audio/Apple.mp3/info', { method: 'PATCH', json: theirs });
    await dialog.getByRole('button', { name: 'Save' }).click();
    const told = dialog.getByRole('alert');
    await told.getByText('its description is now “Of a tree.”; its tags are now red, round.').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'My apple' }).waitFor();
    const { body } = await home.call('/api/audio/Apple.mp3/info');
    expect(body).toMatchObject({ title: 'My apple', ...theirs });
    await page.context().close();
  });

  it('of a transcript are shown what somebody else wrote in it meanwhile', async () => {
    const path = '/api/audio/Bear.mp3/transcript';
    const write = (...lines: readonly string[]) =>
      home.call(path, {
        method: 'PUT',
        json: { segments: lines.map((text, index) => ({ start_s: index, end_s: index + 0.9, text })) },
      });
    await write('A bear.', 'A wood.');
    const page = await home.openPage('/library/Bear.mp3');
    await page.getByRole('button', { name: 'Edit the transcript' }).click();
    const field = page.getByLabel('What is said');
    await field.fill((await field.inputValue()).replace('A bear', 'A brown bear'));
    await write('A bear.', 'A dark wood.');
    await page.getByRole('button', { name: 'Save' }).click();
    const theirs = page.getByLabel('What they changed');
    await expect.poll(() => theirs.inputValue()).toBe('New: [0:01.00] A dark wood.\nGone: [0:01.00] A wood.');
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: /A brown bear/ }).waitFor();
    await page.context().close();
  });

  it('complain of nothing', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
