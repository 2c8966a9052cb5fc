import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { fixture } from '../e2e/client.ts';
import { makeToneWav } from '../made-audio.ts';
import { chromiumPath, PHONE } from './browser.ts';
import { findBarriersInBoth } from './axe.ts';
import { openPageHome, type PageHome } from './home.ts';

interface Chosen {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const wav = (name: string, bytes: Uint8Array): Chosen => ({
  name,
  mimeType: 'audio/wav',
  buffer: Buffer.from(bytes),
});
const tone = (name: string, frequencyHz: number, seconds = 1): Chosen =>
  wav(name, makeToneWav({ seconds, frequencyHz, sampleRateHz: 8000, channels: 1 }));

async function choose(page: Page, files: Chosen[], button = 'Upload'): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button, exact: true }).click();
  await (await chooser).setFiles(files);
}

describe.skipIf(chromiumPath === null)('uploading', () => {
  let home: PageHome;

  beforeAll(async () => {
    home = await openPageHome();
  });
  afterAll(() => home.close());

  it('takes the first visit to sound', async () => {
    const page = await home.openPage('/library', PHONE);
    await page.getByText('Nothing here yet').waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    await choose(page, [wav('first.wav', await fixture('tone.wav'))], 'Choose files');
    await page.getByText('1 file uploaded', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Play first' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.context().close();
  });

  it('takes ten files at once, of which a bad one stops no other, and says why', async () => {
    const page = await home.openPage('/library');
    const good = Array.from({ length: 9 }, (_, index) => tone(`night ${String(index + 1)}.wav`, 300 + index));
    const bad = { name: 'notes.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('This is no sound.') };
    await choose(page, [...good.slice(0, 4), bad, ...good.slice(4)]);
    const panel = page.getByRole('region', { name: 'Uploads' });
    // It stays while one moves about.
    await page.getByRole('link', { name: 'Streams' }).click();
    await panel.getByText('9 uploaded, 1 not').waitFor({ timeout: 120_000 });
    await panel.getByText('There is no sound in this file.').waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.getByRole('link', { name: 'Library', exact: true }).click();
    await page.getByRole('link', { name: 'night 9', exact: true }).waitFor();
    await panel.getByRole('button', { name: 'Clear' }).click();
    await panel.waitFor({ state: 'hidden' });
    await page.context().close();
  });

  it('says what is there already, and asks what becomes of a name that is taken', async () => {
    const page = await home.openPage('/library');
    await choose(page, [wav('first again.wav', await fixture('tone.wav')), tone('first.wav', 900)]);
    const panel = page.getByRole('region', { name: 'Uploads' });
    await panel.getByText('You have this already').waitFor();
    await panel.getByRole('button', { name: 'Keep both' }).click();
    await panel.getByText('2 files uploaded', { exact: true }).waitFor();
    expect((await home.call('/api/audio/first-2.mp3/info')).status).toBe(200);
    await page.context().close();
  });

  it('takes what is dropped anywhere', async () => {
    const page = await home.openPage('/settings');
    const bytes = [...makeToneWav({ seconds: 1, frequencyHz: 1234, sampleRateHz: 8000, channels: 1 })];
    // In words, because what only browsers know has no type here.
    const transfer = await page.evaluateHandle(`(() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File([new Uint8Array(${JSON.stringify(bytes)})], 'dropped.wav'));
      return dropped;
    })()`);
    await page.getByRole('link', { name: 'Settings' }).waitFor();
    // What takes files is loaded after the page.
    await expect
      .poll(async () => {
        await page.dispatchEvent('main', 'dragenter', { dataTransfer: transfer });
        return page.getByText('Drop to upload').isVisible();
      })
      .toBe(true);
    await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
    await page.getByText('1 file uploaded', { exact: true }).waitFor();
    await page.context().close();
  });

  it('goes on where it was after the page was loaded anew', async () => {
    const page = await home.openPage('/library');
    const sent: string[] = [];
    let isCut = true;
    await page.route('**/api/audio/uploads/*/parts/*', (route) => {
      const number = /parts\/(\d+)/.exec(route.request().url())?.[1] ?? '';
      // The second part gets nowhere before the page is loaded anew.
      if (isCut && number !== '1') return;
      sent.push(number);
      return route.continue();
    });
    await choose(page, [wav('long.wav', makeToneWav({ seconds: 55, frequencyHz: 77 }))]);
    await page.getByText('Sending, 86 %').waitFor();
    isCut = false;
    await page.reload();
    await page.getByText('1 file uploaded', { exact: true }).waitFor({ timeout: 30_000 });
    expect(sent).toEqual(['1', '2']);
    await page.context().close();
  });

  it('ends when it is cancelled, and leaves nothing', async () => {
    const page = await home.openPage('/library');
    await page.route('**/api/audio/uploads/*/parts/*', () => undefined);
    const begun = page.waitForRequest((request) => request.url().includes('/parts/'));
    const ended = page.waitForRequest((request) => request.method() === 'DELETE');
    await choose(page, [tone('unwanted.wav', 555)]);
    // There is something at the server.
    await begun;
    await page.getByRole('button', { name: 'Cancel unwanted.wav' }).click();
    expect((await (await ended).response())?.status()).toBe(204);
    await page.getByRole('region', { name: 'Uploads' }).waitFor({ state: 'hidden' });
    await page.context().close();
  });

  it('ends the view above the list of uploads, which grows with them', async () => {
    const page = await home.openPage('/library', PHONE);
    await page.route('**/api/audio/uploads/*/parts/*', () => undefined);
    await choose(page, [tone('one.wav', 701)]);
    await page.getByRole('button', { name: 'Show the files' }).click();
    await choose(page, [tone('two.wav', 702), tone('three.wav', 703)]);
    await page.getByRole('button', { name: 'Cancel three.wav' }).waitFor();
    const kept = () =>
      page.evaluate<number>(`parseFloat(document.documentElement.style.getPropertyValue('--dock-height'))`);
    const panel = page.getByRole('region', { name: 'Uploads' });
    await expect.poll(async () => (await kept()) - ((await panel.boundingBox())?.height ?? 0)).toBe(0);
    await page.context().close();
  });

  it('complains of nothing', () => {
    // Parts that were cut off on purpose.
    expect(home.browser.complaints.filter((complaint) => !complaint.includes('net::ERR_'))).toEqual([]);
  });
});
