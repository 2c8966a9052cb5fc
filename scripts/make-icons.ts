// Draws web/public/icon.svg as the PNGs that devices want for an installed page: `node scripts/make-icons.ts`, after it
// has changed. Needs Chromium on the PATH.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findProgram } from '../test/programs.ts';

const directory = join(import.meta.dirname, '..', 'web', 'public');
/** A launcher cuts a maskable one to a shape of its own: what matters is in the middle, and the ground goes to the edge. */
const ICONS = [
  { name: 'icon-192.png', size: 192, isMaskable: false },
  { name: 'icon-512.png', size: 512, isMaskable: false },
  { name: 'icon-maskable-512.png', size: 512, isMaskable: true },
  { name: 'apple-touch-icon.png', size: 180, isMaskable: true },
];

const executablePath = findProgram('chromium', 'REQUIRE_BROWSER');
if (executablePath === null) throw new Error('Install chromium to draw the icons.');
const svg = await readFile(join(directory, 'icon.svg'), 'utf8');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  for (const { name, size, isMaskable } of ICONS) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    const drawn = isMaskable ? svg.replace(/ rx="\d+"/, '') : svg;
    await page.setContent(
      `<style>body { margin: 0 } svg { display: block; width: ${size}px; height: ${size}px }</style>${drawn}`,
    );
    await writeFile(join(directory, name), await page.screenshot({ omitBackground: true }));
    await page.close();
    console.log(name);
  }
} finally {
  await browser.close();
}
