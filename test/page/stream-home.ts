import type { Page } from 'playwright-core';
import { makeToneWav } from '../made-audio.ts';
import { openPageHome, type PageHome } from './home.ts';

/** Titles of a small library; their files are so many seconds long. */
export const TITLES = ['Apple', 'Bear', 'Cloud', 'Drum'] as const;
const SECONDS = 2;
const RATE_HZ = 8_000;

/** A page's home with files to make streams of. */
export async function openStreamHome(): Promise<PageHome> {
  const home = await openPageHome();
  for (const title of TITLES) {
    const tone = makeToneWav({
      seconds: SECONDS,
      sampleRateHz: RATE_HZ,
      channels: 1,
      frequencyHz: 200 + title.charCodeAt(0),
    });
    await home.upload(`${title}.wav`, new Uint8Array(tone));
  }
  return home;
}

export const putStream = (home: PageHome, name: string, content: object): ReturnType<PageHome['call']> =>
  home.call(`/api/streams/${name}/queue`, { method: 'PUT', json: content });

/** What the server has. */
export async function filesOf(home: PageHome, name: string): Promise<unknown> {
  return (await home.call(`/api/streams/${name}/queue`)).body['files'];
}

export const filesNamed = (...titles: readonly string[]): string[] => titles.map((title) => `${title}.mp3`);

/** What the page shows, from above. */
export const shownTitles = (page: Page): Promise<string[]> =>
  page.getByRole('list', { name: 'Queue' }).getByRole('link').allTextContents();
