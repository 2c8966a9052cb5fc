import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../e2e/client.ts';
import { speechHandlers } from '../servers/openai-speech.ts';
import { startOpenAiStandIn, type OpenAiStandIn } from '../servers/openai-stand-in.ts';
import { makeToneWav } from '../made-audio.ts';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, PHONE } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';
import { soundOf } from './player-home.ts';

const SEGMENTS = [
  { start_s: 0.4, end_s: 1.4, text: 'Once there was a hare.' },
  { start_s: 2.5, end_s: 3.5, text: 'It met a hedgehog in the field.' },
];

const LATE = [{ start_s: 20.5, end_s: 25, text: 'Then the lighthouse keeper came.' }];

describe.skipIf(chromiumPath === null)('a file', () => {
  let home: PageHome;
  let engine: OpenAiStandIn;

  beforeAll(async () => {
    engine = await startOpenAiStandIn({
      handlers: speechHandlers({ asked: [], contentType: 'audio/pcm' }),
    });
    home = await openPageHome({ OPENAI_API_KEY: engine.apiKey, OPENAI_BASE_URL: engine.baseUrl });
    await home.upload('book.m4b', await fixture('book.m4b'));
    await home.upload('tone.wav', await fixture('tone.wav'));
    const minute = makeToneWav({ seconds: 60, frequencyHz: 330, sampleRateHz: 8000, channels: 1 });
    await home.upload('minute.wav', new Uint8Array(minute));
    await home.call('/api/audio/minute.mp3/transcript', { method: 'PUT', json: { segments: LATE } });
    await home.call('/api/audio/book.mp3/info', { method: 'PATCH', json: { title: 'The race' } });
    await home.call('/api/audio/book.mp3/transcript', { method: 'PUT', json: { segments: SEGMENTS } });
  });
  afterAll(async () => {
    await home.close();
    await engine.stop();
  });

  it('is found by what is said in it, and plays from the word', async () => {
    const page = await home.openPage('/library', PHONE);
    await page.getByRole('searchbox').pressSequentially('lighthouse');
    const hit = page.getByRole('button', { name: /Play from 0:2\d .*lighthouse/ });
    await hit.waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('lighthouse');
    expect(await findBarriersInBoth(page)).toEqual([]);
    await hit.click();
    await page.getByRole('button', { name: 'Pause' }).first().waitFor();
    await expect.poll(async () => (await soundOf(page)).atS).toBeGreaterThanOrEqual(20);
    await page.context().close();
  });

  it('shows its chapters, its sound and its words, and plays from any', async () => {
    const page = await home.openPage('/library/book.mp3', PHONE);
    await page.getByRole('button', { name: /Das Rennen/ }).waitFor();
    await page.getByRole('button', { name: /hare/ }).waitFor();
    await page.getByText('Details').click();
    await page.getByText('SHA-256').waitFor();
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.getByRole('button', { name: /Das Rennen/ }).click();
    await page.getByRole('button', { name: 'Pause' }).first().waitFor();
    const shape = page.getByRole('slider', { name: 'Position in the recording' });
    await expect.poll(async () => Number(await shape.inputValue())).toBeGreaterThan(0.9);
    await page.context().close();
  });

  it('is edited, and says when somebody else was faster', async () => {
    const page = await home.openPage('/library/tone.mp3');
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit' });
    await dialog.getByLabel('Title').and(dialog.locator(':focus')).waitFor();
    await dialog.getByLabel('Title').fill('My tone');
    await dialog.getByLabel('Tags').fill('night, blue');
    await home.call('/api/audio/tone.mp3/info', { method: 'PATCH', json: { title: 'Their tone' } });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('its title is now “Their tone”').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'My tone' }).waitFor();
    await page.getByRole('link', { name: 'blue' }).waitFor();
    await page.context().close();
  });

  it('is played by whoever has a link, until it is revoked', async () => {
    const page = await home.openPage('/library/tone.mp3');
    await page.getByRole('button', { name: 'Make a link' }).click();
    const url = await page.getByLabel('Copy it now').inputValue();
    expect((await fetch(url)).status).toBe(200);
    await page.getByRole('button', { name: 'Revoke the link' }).click();
    await page.getByRole('button', { name: 'Revoke it now' }).click();
    await page.getByText('The link is revoked').waitFor();
    expect((await fetch(url)).status).toBe(401);
    await page.context().close();
  });

  it('is made of a text, by a voice that was tried before', async () => {
    const page = await home.openPage('/library');
    await page.getByRole('button', { name: 'Have a text read' }).click();
    const dialog = page.getByRole('dialog', { name: 'Have a text read' });
    await dialog.getByLabel('Title').fill('Good night!');
    await dialog.getByLabel('Text').fill('Good night, moon.');
    await dialog.getByLabel('Voice').selectOption('fable');
    expect(await findBarriersInBoth(page)).toEqual([]);
    const tried = page.waitForResponse((answer) => answer.request().method() === 'DELETE');
    await dialog.getByRole('button', { name: 'Try it' }).click();
    expect((await tried).status()).toBe(204);
    await dialog.getByRole('button', { name: 'Read it out' }).click();
    await page.getByRole('heading', { name: 'Good night!' }).waitFor();
    await page.getByText('Good night, moon.').waitFor();
    await page.context().close();
  });

  it('is made of a text after the dialog was closed, and whoever is elsewhere stays there', async () => {
    const page = await home.openPage('/library');
    const open = () => page.getByRole('button', { name: 'Have a text read' }).click();
    await open();
    const dialog = page.getByRole('dialog', { name: 'Have a text read' });
    await dialog.getByLabel('Title').fill('Later');
    await dialog.getByLabel('Text').fill('Later, moon.');
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await page.route('**/api/audio/generate-tts', async (route) => {
      await held;
      await route.continue();
    });
    const asked = page.waitForRequest('**/api/audio/generate-tts');
    await dialog.getByRole('button', { name: 'Read it out' }).click();
    await asked;
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await open();
    await dialog.getByLabel('Title').fill('Another');
    letGo();
    await dialog.getByText('“Later” is read out').waitFor();
    expect(await dialog.getByLabel('Title').inputValue()).toBe('Another');
    await page.context().close();
  });

  it('goes, unless it is taken back, and not from under a stream without a question', async () => {
    await home.call('/api/streams/evening/queue', { method: 'POST', json: { files: ['book.mp3'] } });
    const page = await home.openPage('/library/book.mp3');
    const remove = async (): Promise<void> => {
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByText('“The race” is deleted.').waitFor();
      await page.waitForURL('**/library');
    };
    const link = page.getByRole('link', { name: /^The race/ });
    await remove();
    await page.getByRole('link', { name: /^My tone/ }).waitFor();
    expect(await link.count()).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await link.click();
    await remove();
    // The time for an undo is over.
    await page.getByRole('status', { name: 'Messages' }).getByRole('button', { name: 'Close' }).click();
    const question = page.getByRole('dialog', { name: 'This file is in use' });
    await question.getByText('evening').waitFor();
    await question.getByRole('button', { name: 'Delete all the same' }).click();
    await expect.poll(async () => (await home.call('/api/audio/book.mp3/info')).status).toBe(404);
    await page.context().close();
  });

  it('complains of nothing', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
