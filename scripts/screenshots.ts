// Takes the pictures of docs/screenshots: `npm run screenshots`. Needs Chromium and ffmpeg on the PATH.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type BrowserContextOptions, type Page } from 'playwright-core';
import { chromiumPath, DESKTOP, FLAGS, PHONE } from '../test/page/browser.ts';
import { openPageHome, type PageHome } from '../test/page/home.ts';
import { fillShownLibrary, SHOWN } from './shown-library.ts';

const directory = join(import.meta.dirname, '..', 'docs', 'screenshots');
const SCREENS: Readonly<Record<string, BrowserContextOptions>> = { phone: PHONE, desktop: DESKTOP };
const SCHEMES = ['light', 'dark'] as const;

interface View {
  readonly name: string;
  readonly path: string;
  /** Until what is to be seen is there. */
  readonly prepare: (page: Page) => Promise<void>;
}

if (chromiumPath === null) throw new Error('Install chromium to take pictures of the page.');
const home = await openPageHome({ TTS_BACKEND: 'espeak' });
try {
  const browser = await chromium.launch({ executablePath: chromiumPath, args: FLAGS });
  await fillShownLibrary(home, browser);
  await browser.close();
  await mkdir(directory, { recursive: true });
  const views = await makeViews(home);
  for (const [screen, options] of Object.entries(SCREENS)) {
    for (const colorScheme of SCHEMES) {
      const page = await home.openPage('/', { ...options, colorScheme });
      for (const view of views) {
        await page.goto(view.path);
        await view.prepare(page);
        await page.getByText('Loading…').waitFor({ state: 'detached' });
        await page.evaluate('Promise.all([...document.images].map((image) => image.decode()))');
        const name = `${view.name}-${screen}-${colorScheme}.png`;
        await page.screenshot({ path: join(directory, name) });
        console.log(name);
      }
      await page.context().close();
    }
  }
} finally {
  await home.close();
}

async function makeViews(home: PageHome): Promise<readonly View[]> {
  const { body: link } = await home.call(`/api/streams/${SHOWN.stream}/links`, { method: 'POST', json: {} });
  await makeWork(home);
  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).first().waitFor();
  return [
    { name: 'library', path: '/library', prepare: heading },
    {
      name: 'file',
      path: `/library/${SHOWN.file}`,
      prepare: (page) => page.getByText('Once upon a time').waitFor(),
    },
    {
      name: 'stream',
      path: `/streams/${SHOWN.stream}`,
      prepare: (page) => page.getByText('Good Night, Bear').waitFor(),
    },
    {
      name: 'listen',
      path: `/listen/${encodeURIComponent(String(link['token']))}`,
      prepare: (page) => page.getByRole('button', { name: 'Good Night, Bear' }).click(),
    },
    { name: 'work', path: '/work', prepare: (page) => page.getByText(/Running · \d+ %/).waitFor() },
    { name: 'settings', path: '/settings/server', prepare: diagnose },
    { name: 'player', path: `/streams/${SHOWN.stream}`, prepare: openLargePlayer },
  ];
}

/** One that goes on for as long as pictures are taken, and one that failed. */
async function makeWork(home: PageHome): Promise<void> {
  const text = 'The hare ran over the hill, and the fox came after it. '.repeat(1_700);
  await home.call('/api/audio/generate-tts', { method: 'POST', json: { filename: 'the-fox.mp3', text } });
  await home.upload('holiday.mp3', new TextEncoder().encode('This is no sound at all. '.repeat(200)));
}

async function openLargePlayer(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Play', exact: true }).first().click();
  await page.getByRole('button', { name: /^Show more of what plays: The/ }).click();
  await page.getByRole('dialog', { name: 'Now playing' }).waitFor();
}

async function diagnose(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Look now' }).click();
  await page
    .getByRole('status')
    .getByText(/^(?:Nothing is wrong|It works|Something does not work)/)
    .waitFor();
}
