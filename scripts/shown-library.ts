import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import type { PageHome } from '../test/page/home.ts';

const run = promisify(execFile);

interface Story {
  readonly title: string;
  readonly artist: string;
  readonly seconds: number;
  /** Of its cover: a hue in degrees, and what stands before it. */
  readonly hue: number;
  readonly shape: string;
}

const MOON =
  '<circle cx="330" cy="150" r="70" fill="#fff3c4"/><circle cx="300" cy="135" r="62" class="sky"/>';
const HILLS = '<path d="M0 400 Q130 260 260 380 T512 340 V512 H0Z" class="near"/>';
const WAVES = '<path d="M0 350 q64 -50 128 0 t128 0 t128 0 t128 0 V512 H0Z" class="near"/>';
const BOAT =
  '<path d="M150 330 h210 l-40 60 h-130z M250 120 v200 h-100z M262 150 v170 h80z" fill="#fff7ea"/>';
const HOUSE =
  '<path d="M170 400 v-120 l90 -80 90 80 v120z" fill="#fff7ea"/><path d="M240 400 v-60 h40 v60z" class="near"/>';
const TREES = '<path d="M110 420 l60 -180 60 180z M250 420 l80 -240 80 240z" class="near"/>';
const STARS =
  '<g fill="#fff7ea"><circle cx="90" cy="90" r="7"/><circle cx="190" cy="60" r="5"/><circle cx="420" cy="80" r="6"/><circle cx="260" cy="200" r="5"/></g>';

const STORIES: readonly Story[] = [
  {
    title: 'The Hare and the Hedgehog',
    artist: 'Brothers Grimm',
    seconds: 214,
    hue: 88,
    shape: HILLS + STARS,
  },
  { title: 'The Lighthouse Keeper', artist: 'Ida Lund', seconds: 371, hue: 208, shape: MOON + WAVES },
  { title: 'A Boat for Two', artist: 'Ida Lund', seconds: 158, hue: 186, shape: BOAT + WAVES },
  { title: 'Rain on the Roof', artist: 'Field recording', seconds: 305, hue: 232, shape: HOUSE + HILLS },
  { title: 'The Three Firs', artist: 'Jonas Berg', seconds: 262, hue: 150, shape: MOON + TREES },
  { title: 'Under the Stars', artist: 'Jonas Berg', seconds: 187, hue: 264, shape: STARS + HILLS },
  {
    title: 'Grandfather tells of the War of the Geese',
    artist: 'At home',
    seconds: 423,
    hue: 24,
    shape: HOUSE + HILLS,
  },
  { title: 'Good Night, Bear', artist: 'Nora Ek', seconds: 141, hue: 338, shape: MOON + HILLS },
];

const SAID = [
  'Once upon a time there was a keeper of a lighthouse, far out where the ships go by.',
  'Every evening he climbed two hundred and twelve steps, and lit the lamp.',
  'One night there was a knock at the door, though nobody can walk over the sea.',
  'He took his lantern and went down again, step by step by step.',
  'Before the door sat a gull with a letter in its beak.',
  'The letter was wet, and all that could be read of it was: come soon.',
];

/** The file that is opened, and the stream. */
export const SHOWN = { file: 'the-lighthouse-keeper.mp3', stream: 'good-night' } as const;

/** Puts a family's library into a home: sounds and covers that are made here. Needs ffmpeg on the PATH. */
export async function fillShownLibrary(home: PageHome, browser: Browser): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'earshot-shown-'));
  try {
    for (const story of STORIES) {
      const bytes = await makeStory(story, directory, browser);
      await home.upload(nameOf(story), new Uint8Array(bytes));
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const segments = SAID.map((text, place) => ({ start_s: 4 + place * 9, end_s: 12 + place * 9, text }));
  await home.call(`/api/audio/${SHOWN.file}/transcript`, { method: 'PUT', json: { segments } });
  const files = STORIES.map(nameOf);
  await home.call(`/api/streams/${SHOWN.stream}/queue`, {
    method: 'PUT',
    json: { title: 'Good night', files: [...files.slice(1), ...files.slice(0, 1)] },
  });
  await home.call('/api/streams/kitchen/queue', {
    method: 'PUT',
    json: { title: 'Kitchen radio', files, play_mode: 'endless-shuffle' },
  });
}

const nameOf = ({ title }: Story): string => `${title.toLowerCase().replace(/[^a-z]+/g, '-')}.mp3`;

async function makeStory(story: Story, directory: string, browser: Browser): Promise<Buffer> {
  const { title, artist, seconds, hue, shape } = story;
  const [cover, sound] = [join(directory, 'cover.png'), join(directory, 'sound.mp3')];
  await writeFile(cover, await drawCover(browser, hue, shape));
  // Rises and falls as speech does, so that there is a shape to see.
  const loudness = `(0.02+0.3*abs(sin(t/${11 + (hue % 7)})*sin(t*1.7)*sin(t/3.1+${hue})))`;
  const source = `aevalsrc='${loudness}*sin(2*PI*${160 + hue}*t)':s=44100:d=${seconds}`;
  await run('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', source, '-i', cover, '-map', '0', '-map', '1'],
    ...['-c:a', 'libmp3lame', '-b:a', '64k', '-c:v', 'copy', '-disposition:v', 'attached_pic'],
    ...['-id3v2_version', '3', '-metadata', `title=${title}`, '-metadata', `artist=${artist}`, sound],
  ]);
  return readFile(sound);
}

async function drawCover(browser: Browser, hue: number, shape: string): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 512, height: 512 } });
  await page.setContent(
    `<style>body { margin: 0 } svg { display: block } .sky { fill: hsl(${hue} 42% 42%) } .near { fill: hsl(${hue} 48% 24%) }</style>` +
      `<svg viewBox="0 0 512 512"><rect width="512" height="512" class="sky"/>${shape}</svg>`,
  );
  const png = await page.screenshot();
  await page.close();
  return png;
}
