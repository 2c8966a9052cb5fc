import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { call, upload } from '../e2e/client.ts';
import { makeDataDirectory, startServer, type Program } from '../e2e/program.ts';
import { openBrowser, type TestBrowser } from './browser.ts';

const PASSWORD = 'a good long password';

/** A server with an administrator, and a browser before it. */
export interface PageHome {
  /** The server of now: another one after a `restart`. */
  readonly program: Program;
  readonly browser: TestBrowser;
  readonly url: string;
  /** A page of somebody who is logged in, in a profile of its own. */
  openPage(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** Calls the interface as the administrator. */
  call(path: string, init?: Parameters<typeof call>[2]): ReturnType<typeof call>;
  upload(name: string, bytes: Uint8Array<ArrayBuffer>): ReturnType<typeof upload>;
  /** Kills the server. @returns what starts it again, at the same address */
  cut(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export async function openPageHome(environment: Record<string, string> = {}): Promise<PageHome> {
  const directory = await makeDataDirectory();
  const settings = { ADMIN_PASSWORD: PASSWORD, ...environment };
  let program = await startServer(directory.path, settings);
  const { url } = program;
  const browser = await openBrowser(url);
  const { body } = await call(url, '/api/user/login', {
    method: 'POST',
    json: { username: 'admin', password: PASSWORD },
  });
  const authorization = `Bearer ${String(body['token'])}`;
  return {
    get program() {
      return program;
    },
    browser,
    url,
    async openPage(path, options) {
      const profile = await browser.openProfile(options);
      await logIn(profile);
      const page = await profile.newPage();
      await page.goto(path);
      return page;
    },
    call: (path, init = {}) => call(url, path, { ...init, headers: { authorization, ...init.headers } }),
    upload: (name, bytes) => upload(url, name, bytes, { headers: { authorization } }),
    async cut() {
      await program.kill();
      return async () => {
        program = await startServer(directory.path, { ...settings, PORT: new URL(url).port });
      };
    },
    async close() {
      await browser.close();
      await program.stop();
      await directory.remove();
    },
  };
}

/** By the interface, which takes less time than the form. */
async function logIn(profile: BrowserContext): Promise<void> {
  const answer = await profile.request.post('/api/user/login', {
    data: { username: 'admin', password: PASSWORD },
  });
  if (!answer.ok()) throw new Error(`Nobody was logged in: ${String(answer.status())}`);
}

export { PASSWORD };
