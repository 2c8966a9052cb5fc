import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, PHONE } from './browser.ts';
import type { PageHome } from './home.ts';
import { filesNamed, filesOf, openStreamHome, putStream, shownTitles } from './stream-home.ts';

describe.skipIf(chromiumPath === null)('streams', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openStreamHome();
  });
  afterAll(() => home.close());

  const handle = (page: Page, title: string): Locator =>
    page.getByRole('button', { name: `Move ${title}`, exact: true });

  /** Between telling and the next frame, dnd-kit has not measured where things lie, and no arrow key moves anything. */
  async function waitForPickUp(page: Page, told: string): Promise<void> {
    await page.getByText(told).waitFor({ state: 'attached' });
    await page.evaluate('new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))');
  }

  it('are made, filled from the library, and listed with what is in them', async () => {
    const page = await home.openPage('/streams');
    await page.getByText('No streams yet').waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.getByRole('button', { name: 'New stream' }).click();
    await page.getByLabel('Title').fill('Gute Nacht, Bär!');
    expect(await page.getByLabel('Name in its address').inputValue()).toBe('gute-nacht-bar');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.waitForURL('**/streams/gute-nacht-bar');

    await page.getByText('Nothing to play yet').waitFor();
    await page.getByRole('button', { name: 'Add files' }).first().click();
    await page.getByRole('checkbox', { name: 'Cloud' }).check();
    await page.getByRole('checkbox', { name: 'Apple' }).check();
    await page.getByRole('button', { name: 'Add 2 files' }).click();
    await expect.poll(() => shownTitles(page)).toEqual(['Cloud', 'Apple']);
    await expect.poll(() => filesOf(home, 'gute-nacht-bar')).toEqual(filesNamed('Cloud', 'Apple'));
    expect(await findBarriersInBoth(page)).toEqual([]);

    await page.getByRole('link', { name: 'All streams' }).click();
    await page.getByText('2 parts, 4 s').waitFor();
    await page.getByRole('link', { name: 'Gute Nacht, Bär!' }).waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.context().close();
  });

  it('say that a name is taken, and let another be chosen', async () => {
    await putStream(home, 'taken', { files: [] });
    const page = await home.openPage('/streams');
    await page.getByRole('button', { name: 'New stream' }).click();
    await page.getByLabel('Title').fill('Whatever');
    await page.getByLabel('Name in its address').fill('taken');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByText('There is a stream of this name already.').waitFor();
    await page.getByLabel('Name in its address').fill('import');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByText('taken by the server itself').waitFor();
    await page.getByLabel('Name in its address').fill('another');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.waitForURL('**/streams/another');
    await page.context().close();
  });

  it('are put in order by mouse', async () => {
    await putStream(home, 'mouse', { files: filesNamed('Apple', 'Bear', 'Cloud', 'Drum') });
    const page = await home.openPage('/streams/mouse');
    const [from, to] = [await middleOf(handle(page, 'Apple')), await middleOf(handle(page, 'Cloud'))];
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x, from.y + 10);
    await page.mouse.move(to.x, to.y, { steps: 8 });
    await page.getByText('Apple is now 3 of 4.').waitFor({ state: 'attached' });
    await page.mouse.up();
    await expect.poll(() => shownTitles(page)).toEqual(['Bear', 'Cloud', 'Apple', 'Drum']);
    await expect.poll(() => filesOf(home, 'mouse')).toEqual(filesNamed('Bear', 'Cloud', 'Apple', 'Drum'));
    await page.context().close();
  });

  it('are put in order by keyboard, which is told what happens', async () => {
    await putStream(home, 'keyboard', { files: filesNamed('Apple', 'Bear', 'Cloud', 'Drum') });
    const page = await home.openPage('/streams/keyboard');
    await handle(page, 'Drum').focus();
    await page.keyboard.press('Space');
    await waitForPickUp(page, 'Picked up Drum, 4 of 4.');
    await page.keyboard.press('ArrowUp');
    await page.getByText('Drum is now 3 of 4.').waitFor({ state: 'attached' });
    await page.keyboard.press('ArrowUp');
    await page.getByText('Drum is now 2 of 4.').waitFor({ state: 'attached' });
    await page.keyboard.press('Space');
    await expect.poll(() => filesOf(home, 'keyboard')).toEqual(filesNamed('Apple', 'Drum', 'Bear', 'Cloud'));
    await expect.poll(() => focusedName(page)).toBe('Move Drum');

    await page.keyboard.press('Space');
    await waitForPickUp(page, 'Picked up Drum, 2 of 4.');
    await page.keyboard.press('ArrowDown');
    await page.getByText('Drum is now 3 of 4.').waitFor({ state: 'attached' });
    await page.keyboard.press('Escape');
    await page.getByText('Drum stays where it was.').waitFor({ state: 'attached' });
    expect(await shownTitles(page)).toEqual(['Apple', 'Drum', 'Bear', 'Cloud']);
    await page.context().close();
  });

  it('are put in order by a finger', async () => {
    await putStream(home, 'touch', { files: filesNamed('Apple', 'Bear', 'Cloud', 'Drum') });
    const page = await home.openPage('/streams/touch', PHONE);
    const [from, to] = [await middleOf(handle(page, 'Drum')), await middleOf(handle(page, 'Apple'))];
    const finger = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
      finger.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: y === undefined ? [] : [{ x: from.x, y }],
      });
    await touch('touchStart', from.y);
    for (let step = 1; step <= 8; step += 1) await touch('touchMove', from.y + ((to.y - from.y) * step) / 8);
    await page.getByText('Drum is now 1 of 4.').waitFor({ state: 'attached' });
    await touch('touchEnd');
    await expect.poll(() => filesOf(home, 'touch')).toEqual(filesNamed('Drum', 'Apple', 'Bear', 'Cloud'));
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.context().close();
  });

  it('are edited by buttons, which keep the focus where one goes on', async () => {
    await putStream(home, 'buttons', { files: filesNamed('Apple', 'Bear', 'Cloud') });
    const page = await home.openPage('/streams/buttons');
    await page.getByRole('button', { name: 'Move Apple down' }).click();
    await expect.poll(() => shownTitles(page)).toEqual(['Bear', 'Apple', 'Cloud']);
    await expect.poll(() => focusedName(page)).toBe('Move Apple down');
    await page.keyboard.press('Enter');
    // At the end there is no way down: the way up is next.
    await expect.poll(() => focusedName(page)).toBe('Move Apple up');
    await page.getByRole('button', { name: 'Remove Cloud' }).click();
    await expect.poll(() => focusedName(page)).toBe('Remove Apple');
    await expect.poll(() => filesOf(home, 'buttons')).toEqual(filesNamed('Bear', 'Apple'));

    await page.getByRole('button', { name: 'Take back: Removed Cloud' }).click();
    await expect.poll(() => filesOf(home, 'buttons')).toEqual(filesNamed('Bear', 'Cloud', 'Apple'));
    await page.getByRole('button', { name: 'Take back: Moved Apple to place 3' }).click();
    await page.getByRole('button', { name: 'Take back: Moved Apple to place 2' }).click();
    await expect.poll(() => filesOf(home, 'buttons')).toEqual(filesNamed('Apple', 'Bear', 'Cloud'));
    await page.context().close();
  });

  it('are edited on a phone, entry by entry', async () => {
    await putStream(home, 'phone', { files: filesNamed('Apple', 'Bear', 'Cloud', 'Drum') });
    const page = await home.openPage('/streams/phone', PHONE);
    await page.getByRole('button', { name: 'More for Apple' }).tap();
    const dialog = page.getByRole('dialog', { name: 'Apple' });
    await dialog.getByRole('button', { name: 'Move down' }).tap();
    await dialog.getByText('2 of 4').waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    await dialog.getByLabel('Move to place').fill('4');
    await dialog.getByRole('button', { name: 'Move', exact: true }).tap();
    await expect.poll(() => filesOf(home, 'phone')).toEqual(filesNamed('Bear', 'Cloud', 'Drum', 'Apple'));
    await expect.poll(() => focusedName(page)).toBe('More for Apple');

    await page.getByRole('button', { name: 'More for Cloud' }).tap();
    await page.getByRole('button', { name: 'Remove from the stream' }).tap();
    await expect.poll(() => filesOf(home, 'phone')).toEqual(filesNamed('Bear', 'Drum', 'Apple'));
    await page.getByRole('button', { name: 'Undo' }).tap();
    await expect.poll(() => filesOf(home, 'phone')).toEqual(filesNamed('Bear', 'Cloud', 'Drum', 'Apple'));

    await page.getByRole('button', { name: 'Shuffle' }).tap();
    await page.getByText('Shuffled, each once').first().waitFor();
    await page.getByRole('button', { name: 'Without end' }).tap();
    const mode = async () => (await home.call('/api/streams/phone/queue')).body['play_mode'];
    await expect.poll(mode).toBe('endless-shuffle');
    await page.context().close();
  });

  it('complain of nothing, and ask nobody else', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});

async function middleOf(locator: Locator): Promise<{ x: number; y: number }> {
  await locator.waitFor();
  const box = await locator.boundingBox();
  if (box === null) throw new Error('It is not to be seen.');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

const focusedName = (page: Page): Promise<string | null> => page.locator(':focus').getAttribute('aria-label');
