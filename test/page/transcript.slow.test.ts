import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture } from '../e2e/client.ts';
import { startOpenAiStandIn, type OpenAiStandIn } from '../servers/openai-stand-in.ts';
import { transcriptionHandlers } from '../servers/openai-transcriptions.ts';
import { findBarriersInBoth } from './axe.ts';
import { chromiumPath, PHONE } from './browser.ts';
import { openPageHome, type PageHome } from './home.ts';

describe.skipIf(chromiumPath === null)('a transcript', () => {
  let home: PageHome;
  let engine: OpenAiStandIn;
  const asked: Record<string, string>[] = [];

  beforeAll(async () => {
    const segments = [{ start: 0.1, end: 0.8, text: 'A tone is heard.' }];
    engine = await startOpenAiStandIn({
      handlers: transcriptionHandlers({ segments, language: 'en', asked }),
    });
    home = await openPageHome({ OPENAI_API_KEY: engine.apiKey, OPENAI_BASE_URL: engine.baseUrl });
    await home.upload('tone.wav', await fixture('tone.wav'));
    await home.upload('book.m4b', await fixture('book.m4b'));
  });
  afterAll(async () => {
    await home.close();
    await engine.stop();
  });

  it('is made, and put right by hand', async () => {
    const page = await home.openPage('/library/tone.mp3');
    await page.getByRole('button', { name: 'Make a transcript' }).click();
    await page.getByRole('button', { name: /A tone is heard/ }).waitFor();
    await page.getByRole('button', { name: 'Edit the transcript' }).click();
    const before = await home.call('/api/audio/tone.mp3/transcript');
    const field = page.getByLabel('What is said');
    await field.fill((await field.inputValue()).replace('A tone', 'A fine tone'));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: /A fine tone/ }).waitFor();
    const { body } = await home.call('/api/audio/tone.mp3/transcript');
    const [segment] = before.body['segments'] as object[];
    expect(body['segments']).toEqual([{ ...segment, text: 'A fine tone is heard.' }]);
    expect(asked.at(-1)).not.toHaveProperty('language');
    await page.context().close();
  });

  it('is made of the language that is chosen', async () => {
    const page = await home.openPage('/library/tone.mp3', PHONE);
    const language = page.getByLabel('Spoken language');
    expect(await language.locator('option').first().innerText()).toBe('Find out by itself');
    await language.selectOption('German');
    expect(await findBarriersInBoth(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make it anew' }).tap();
    await page.getByRole('button', { name: /A tone is heard/ }).waitFor();
    expect(asked.at(-1)).toMatchObject({ language: 'de' });
    await page.context().close();
  });

  it('is downloaded as a text and as subtitles, under the name of its file', async () => {
    const json = { transcript: 'Es war einmal ein Hase.' };
    await home.call('/api/audio/book.mp3/transcript', { method: 'PUT', json });
    const page = await home.openPage('/library/book.mp3', PHONE);
    for (const [label, name] of [
      ['Download as text', 'book.txt'],
      ['Download as subtitles (SRT)', 'book.srt'],
      ['Download as subtitles (WebVTT)', 'book.vtt'],
    ] as const) {
      const link = page.getByRole('link', { name: label });
      const answer = await page.request.get(String(await link.getAttribute('href')));
      expect([label, answer.status()]).toEqual([label, 200]);
      expect(await answer.text()).toContain('Es war einmal ein Hase.');
      const begun = page.waitForEvent('download');
      await link.tap();
      const download = await begun;
      expect(download.suggestedFilename()).toBe(name);
      expect(await readFile(await download.path(), 'utf8')).toBe(await answer.text());
    }
    expect(await findBarriersInBoth(page)).toEqual([]);
    await home.call('/api/audio/book.mp3/transcript', { method: 'DELETE' });
    await page.context().close();
  });

  it('is cancelled on the page of its file, also after that was loaded anew', async () => {
    const page = await home.openPage('/library/book.mp3');
    for (const isLoadedAnew of [false, true]) {
      engine.misbehave('mute');
      await page.getByRole('button', { name: 'Make a transcript' }).click();
      await expect.poll(() => engine.open()).toBe(1);
      if (isLoadedAnew) await page.reload();
      await page.getByRole('button', { name: 'Cancel the transcript' }).click();
      expect(await findBarriersInBoth(page)).toEqual([]);
      await page.getByRole('button', { name: 'Cancel it' }).click();
      await page.getByText('There is none yet.').waitFor();
      await expect.poll(() => engine.open()).toBe(0);
      expect((await home.call('/api/audio/book.mp3/transcript')).body['status']).toBe('cancelled');
    }
    await page.context().close();
  });

  it('complains of nothing', () => {
    expect(home.browser.complaints).toEqual([]);
  });
});
