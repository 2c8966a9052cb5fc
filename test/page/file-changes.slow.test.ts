import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

  it('complain of nothing', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
