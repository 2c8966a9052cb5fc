import type { Locator, Page } from 'playwright-core';
import { makeToneWav } from '../made-audio.ts';
import type { PageHome } from './home.ts';

/** Seconds of each tone, unless it is said otherwise. */
export const TONE_S = 6;

/** Tones, as low in pitch as they are early in the order. */
export async function uploadTones(home: PageHome, names: readonly string[], seconds = TONE_S): Promise<void> {
  for (const [index, name] of names.entries()) {
    const wav = makeToneWav({ seconds, channels: 1, frequencyHz: 220 * (index + 1), amplitude: 0.2 });
    await home.upload(`${name}.wav`, new Uint8Array(wav));
    await home.call(`/api/audio/${name}.mp3/info`, { method: 'PATCH', json: { title: titleOf(name) } });
  }
}

export const titleOf = (name: string): string => `The ${name}`;

export async function makeStream(
  home: PageHome,
  name: string,
  files: readonly string[],
  playMode = 'sequential',
): Promise<void> {
  const json = { files: files.map((file) => `${file}.mp3`), play_mode: playMode };
  await home.call(`/api/streams/${name}/queue`, { method: 'PUT', json });
}

export type LastSource =
  | { kind: 'file'; name: string; title: string }
  | { kind: 'stream'; name: string; title: string; playMode: string };

/** A page whose device has played this last: one press of play goes on with it. */
export async function openPlayer(page: Page, source: LastSource, durationS = 0): Promise<void> {
  const answer = await page.request.get('/api/user/session');
  const { user } = (await answer.json()) as { user: { id: string } };
  const last = JSON.stringify({ source, durationS, userId: user.id });
  await page.evaluate((text) => localStorage.setItem('earshot.last', text), last);
  await page.reload();
  await barOf(page).waitFor();
}

export const barOf = (page: Page): Locator => page.getByRole('region', { name: 'Player' });

export const press = (page: Page, name: string): Promise<void> =>
  barOf(page).getByRole('button', { name, exact: true }).first().click();

export const showsTitle = (page: Page, name: string): Promise<void> =>
  barOf(page)
    .getByRole('button', { name: `Show more of what plays: ${titleOf(name)}` })
    .waitFor();

export async function openLarge(page: Page): Promise<Locator> {
  await barOf(page)
    .getByRole('button', { name: /^Show more of what plays/ })
    .click();
  return page.getByRole('dialog', { name: 'Now playing' });
}

/** What sounds. */
export interface HeardSound {
  /** Seconds of its address, which is another after some jumps. */
  readonly atS: number;
  readonly durationS: number;
  readonly isPaused: boolean;
  readonly rate: number;
  readonly volume: number;
  readonly address: string;
}

export const soundOf = (page: Page): Promise<HeardSound> =>
  page.evaluate<HeardSound>(`(() => {
    const audio = document.querySelector('audio');
    const { currentTime: atS, duration: durationS, paused: isPaused, playbackRate: rate, volume } = audio;
    return { atS, durationS, isPaused, rate, volume, address: audio.currentSrc };
  })()`);
