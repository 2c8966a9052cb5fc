import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { findProgram } from '../programs.ts';

/** Debian's; null where there is none, and then nothing is tested in a browser. In CI it must be there. */
export const chromiumPath = findProgram('chromium', 'REQUIRE_BROWSER');

export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A test presses play as a person does; a second tab plays on in the background.
  '--autoplay-policy=no-user-gesture-required',
];

const WITHOUT_WORKERS = 'delete Navigator.prototype.serviceWorker';

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
};
export const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };

/** A person's browser: profiles of their own, and a list of what went wrong on the pages. */
export interface TestBrowser {
  /** A profile of its own: nobody is logged in. */
  openProfile(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** What pages complained of: errors, refused resources, requests that went to other places than the server. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** @param origin of the server: nothing may be asked of any other */
export async function openBrowser(origin: string): Promise<TestBrowser> {
  const home = await mkdtemp(join(tmpdir(), 'earshot-browser-'));
  const browser = await chromium.launch({
    executablePath: chromiumPath ?? '',
    args: FLAGS,
    env: { ...process.env, HOME: home },
  });
  const complaints: string[] = [];

  function listenTo(page: Page): void {
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      // What the server refuses is an answer, which the page shows; the browser prints it all the same.
      if (/the server responded with a status of (?:401|404|409|412|415)/.test(message.text())) return;
      complaints.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      const isOwn = url.origin === origin || url.protocol === 'blob:' || url.protocol === 'data:';
      if (!isOwn) complaints.push(`asked of another: ${url.origin}`);
    });
  }

  return {
    complaints,
    async openProfile(options = DESKTOP) {
      const context = await browser.newContext({
        baseURL: origin,
        reducedMotion: 'reduce',
        ...options,
      });
      // Each page as the server has it, as over plain HTTP in a house, but where a test is about that.
      if (options.serviceWorkers !== 'allow') await context.addInitScript(WITHOUT_WORKERS);
      context.setDefaultTimeout(30_000);
      context.on('page', listenTo);
      return context;
    },
    async close() {
      await browser.close();
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
