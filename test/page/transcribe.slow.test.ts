import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../e2e/client.ts';
import { startOpenAiStandIn, type OpenAiStandIn } from '../servers/openai-stand-in.ts';
import { transcriptionHandlers } from '../servers/openai-transcriptions.ts';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';

const SAID = 'A tone is heard.';
const NARROW = { viewport: { width: 320, height: 640 } };

describe.skipIf(chromiumPath === null)('a recording of which nothing is kept', () => {
  let home: PageHome;
  let engine: OpenAiStandIn;
  let heard: Promise<void> = Promise.resolve();
  const asked: Record<string, string>[] = [];

  beforeAll(async () => {
    const segments = [{ start: 0.1, end: 0.8, text: SAID }];
    const handlers = Object.entries(transcriptionHandlers({ segments, language: 'en', asked }));
    engine = await startOpenAiStandIn({
      handlers: Object.fromEntries(
        handlers.map(([route, answer]) => [route, (request) => heard.then(() => answer(request))]),
      ),
    });
    home = await openPageHome({ OPENAI_API_KEY: engine.apiKey, OPENAI_BASE_URL: engine.baseUrl });
  });
  afterAll(async () => {
    await home.close();
    await engine.stop();
  });

  /** @returns what lets the engine answer from now on */
  function holdEngine(): () => void {
    let letGo = (): void => undefined;
    heard = new Promise((resolve) => (letGo = resolve));
    return () => letGo();
  }

  async function openDialog(page: Page): Promise<Locator> {
    await page.getByRole('button', { name: 'Write down what is said' }).click();
    return page.getByRole('dialog', { name: 'Write down what is said' });
  }

  const fileField = (dialog: Locator): Locator => dialog.getByLabel('Recording', { exact: true });
  const submit = (dialog: Locator) => dialog.getByRole('button', { name: 'Write it down' }).click();

  async function choose(dialog: Locator, name: string, bytes?: Uint8Array): Promise<void> {
    const buffer = Buffer.from(bytes ?? (await fixture('tone.wav')));
    await fileField(dialog).setInputFiles({ name, mimeType: 'audio/wav', buffer });
  }

  async function saveText(page: Page, button: string): Promise<[string, string]> {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: button }).click();
    const saved = await download;
    return [saved.suggestedFilename(), await readFile(await saved.path(), 'utf8')];
  }

  const statuses = async (): Promise<unknown[]> => {
    const { body } = await home.call('/api/requests?limit=10');
    return (body['requests'] as { status: unknown }[]).map(({ status }) => status);
  };

  it('is written down, read again, copied and saved', async () => {
    const page = await home.openPage('/work', NARROW);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const dialog = await openDialog(page);
    await dialog.getByText('Nothing of the recording is kept').waitFor();
    await choose(dialog, 'memo.wav');
    await dialog.getByLabel('Spoken language').selectOption('German');
    await dialog.getByRole('textbox', { name: 'From' }).fill('0:00');
    expect(await findBarriersInBoth(page)).toEqual([]);
    await submit(dialog);
    const text = dialog.getByRole('textbox', { name: 'Text' });
    await expect.poll(() => text.inputValue()).toBe(SAID);
    expect(asked.at(-1)).toMatchObject({ language: 'de' });
    expect(await findBarriersInBoth(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    const overflow = `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('dialog'))`;
    expect(await page.evaluate(overflow)).toBe(0);
    await dialog.getByRole('button', { name: 'Copy' }).click();
    await dialog.getByText('Copied.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(SAID);
    const save = (ending: string) => saveText(page, `Save as .${ending}`);
    expect(await save('txt')).toEqual(['memo.txt', `${SAID}\n`]);
    expect((await save('srt'))[1]).toMatch(/^1\n00:00:00,\d{3} --> 00:00:00,\d{3}\nA tone is heard\.\n$/);
    expect((await save('vtt'))[1]).toMatch(/^WEBVTT\n\n00:00:00\.\d{3} --> .*\nA tone is heard\.\n$/);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Read the text: Transcribing' }).click();
    const again = page.getByRole('dialog', { name: 'What is said', exact: true });
    await expect.poll(() => again.getByRole('textbox', { name: 'Text' }).inputValue()).toBe(SAID);
    expect(await findBarriersInBoth(page)).toEqual([]);
    expect((await home.call('/api/audio/list')).body['files']).toEqual([]);
    await page.context().close();
  });

  it('is told in words when there is no sound in it, or no such part of it', async () => {
    const page = await home.openPage('/work', NARROW);
    const dialog = await openDialog(page);
    await choose(dialog, 'notes.wav', Buffer.from('This is no sound. '.repeat(300)));
    await dialog.getByRole('textbox', { name: 'From' }).fill('soon');
    await submit(dialog);
    await dialog.getByRole('alert').getByText('Write it as 1:30').waitFor();
    await dialog.getByRole('textbox', { name: 'From' }).fill('1:00');
    await dialog.getByRole('textbox', { name: 'To' }).fill('30');
    await submit(dialog);
    await dialog.getByRole('alert').getByText('It must be after the time it begins at.').waitFor();
    await dialog.getByRole('textbox', { name: 'To' }).fill('');
    await submit(dialog);
    await dialog.getByRole('alert').getByText('This is no audio file').waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    await choose(dialog, 'memo.wav');
    await submit(dialog);
    await dialog.getByRole('alert').getByText('s long').waitFor();
    // Of a proxy.
    await page.route('**/api/transcriptions', (route) => route.fulfill({ status: 413 }));
    await submit(dialog);
    await dialog.getByRole('alert').getByText('The file is too large').waitFor();
    await page.context().close();
  });

  it('may be dropped there, and does not come into the library then', async () => {
    const page = await home.openPage('/work');
    const dialog = await openDialog(page);
    const dataTransfer = await page.evaluateHandle(`(() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File([new Uint8Array(9)], 'dropped.wav'));
      return dropped;
    })()`);
    await dialog.locator('form').dispatchEvent('drop', { dataTransfer });
    expect(await fileField(dialog).inputValue()).toContain('dropped.wav');
    expect(await page.getByRole('region', { name: 'Uploads' }).count()).toBe(0);
    await page.context().close();
  });

  it('is cancelled while it is sent, once it has been sent, and while it is heard', async () => {
    const page = await home.openPage('/work');
    const dialog = await openDialog(page);
    const cancel = dialog.getByRole('button', { name: 'Cancel it' });
    await choose(dialog, 'memo.wav');
    const before = await statuses();
    await page.route('**/api/transcriptions', () => undefined);
    await submit(dialog);
    await dialog.getByText('The recording is being sent.').waitFor();
    await cancel.click();
    await page.unroute('**/api/transcriptions');
    expect(await statuses()).toEqual(before);
    const letGo = holdEngine();
    const session = await page.context().newCDPSession(page);
    const patterns = [{ urlPattern: '*/api/transcriptions', requestStage: 'Response' as const }];
    await session.send('Fetch.enable', { patterns });
    const answered = new Promise<string>((resolve) => {
      session.once('Fetch.requestPaused', ({ requestId }) => resolve(requestId));
    });
    await submit(dialog);
    const requestId = await answered;
    await cancel.click();
    await dialog.getByText('It is being cancelled.').waitFor();
    await session.send('Fetch.continueRequest', { requestId });
    await session.send('Fetch.disable');
    await dialog.getByRole('button', { name: 'Write it down' }).waitFor();
    await expect.poll(async () => (await statuses())[0]).toBe('CANCELLED');
    await submit(dialog);
    await expect.poll(() => engine.open()).toBe(1);
    await dialog.getByText('It is being written down.').waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    await cancel.click();
    await dialog.getByRole('button', { name: 'Write it down' }).waitFor();
    expect((await statuses()).slice(0, 2)).toEqual(['CANCELLED', 'CANCELLED']);
    letGo();
    await page.context().close();
  });

  it('is written down under Work when the dialog is closed', async () => {
    const page = await home.openPage('/work');
    const dialog = await openDialog(page);
    const letGo = holdEngine();
    await choose(dialog, 'later.wav');
    await submit(dialog);
    await dialog.getByText('goes on under Work').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Cancel: Transcribing' }).waitFor();
    letGo();
    await page.getByText('“later.wav” is written down').waitFor();
    await page.getByRole('button', { name: 'Read the text: Transcribing' }).first().click();
    await expect.poll(() => page.getByRole('textbox', { name: 'Text' }).inputValue()).toBe(SAID);
    await page.context().close();
  });

  it('complains of nothing', () => {
    // What was cut off on purpose, and the proxy.
    const others = home.browser.complaints.filter((complaint) => !/net::ERR_|status of 413/.test(complaint));
    expect(others).toEqual([]);
  });
});
