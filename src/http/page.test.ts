import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../test/test-app.ts';

const DOCUMENT = '<!doctype html><title>Earshot</title>';

describe('the page', () => {
  let directory: string;
  let test: TestApp;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'earshot-page-'));
    await mkdir(join(directory, 'assets'));
    await writeFile(join(directory, 'index.html'), DOCUMENT);
    await writeFile(join(directory, 'index.html.br'), 'smaller');
    await writeFile(join(directory, '.built-of'), 'not for anybody');
    await writeFile(join(directory, 'assets', 'index-a1b2.js'), 'export {};');
    await writeFile(join(directory, 'assets', 'index-a1b2.js.br'), 'smaller');
    const page = { directory, otherOrigins: ['https://bucket.example'] };
    test = await openTestApp({}, { page });
  });
  afterAll(async () => {
    await test.app.close();
    await rm(directory, { recursive: true });
  });

  it.each(['/', '/library', '/library/a%20story.mp3', '/streams/bedtime', '/settings/keys', '/listen/token'])(
    'is the same document at %s, for anybody',
    async (path) => {
      const answer = await test.request('GET', path);
      expect(answer.statusCode).toBe(200);
      expect(answer.body).toBe(DOCUMENT);
      expect(answer.headers['cache-control']).toBe('no-cache');
    },
  );

  it.each([
    ['/', 'identity'],
    ['/library', 'br'],
    // What a device keeps, and opens offline.
    ['/index.html', 'identity'],
    ['/index.html', 'br'],
  ])(
    'may load only what comes from here, and speak to those that are named: %s, %s',
    async (path, encoding) => {
      const { headers } = await test.request('GET', path, { headers: { 'accept-encoding': encoding } });
      const policy = String(headers['content-security-policy']);
      expect(headers['permissions-policy']).toContain('microphone=()');
      // What a browser keeps takes its headers of the answer that it need not be sent anew.
      const kept = { 'accept-encoding': encoding, 'if-none-match': String(headers.etag) };
      const same = await test.request('GET', path, { headers: kept });
      expect(same.statusCode).toBe(304);
      expect(same.headers['content-security-policy']).toBe(policy);
      const directives = new Map(
        policy.split('; ').map((directive) => {
          const [name = '', ...sources] = directive.split(' ');
          return [name, sources.join(' ')];
        }),
      );
      expect(directives.get('default-src')).toBe("'none'");
      expect(directives.get('script-src')).toBe("'self'");
      expect(directives.get('style-src')).toBe("'self'");
      expect(directives.get('frame-ancestors')).toBe("'none'");
      expect(directives.get('connect-src')).toBe("'self' https://bucket.example");
    },
  );

  it('gives built files for ever, compressed for who can read that', async () => {
    const path = '/assets/index-a1b2.js';
    const plain = await test.request('GET', path);
    expect(plain.body).toBe('export {};');
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(plain.headers['content-type']).toMatch(/^(?:application|text)\/javascript/);
    const compressed = await test.request('GET', path, { headers: { 'accept-encoding': 'br' } });
    expect(compressed.headers['content-encoding']).toBe('br');
    expect(compressed.body).toBe('smaller');
  });

  it.each(['/nothing', '/assets/none.js', '/.built-of', '/..%2fpackage.json', '/assets/..%2f.built-of'])(
    'has nothing at %s',
    async (path) => {
      const answer = await test.request('GET', path);
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'not_found' });
    },
  );

  it('is not there where none was built: then / leads to the documentation', async () => {
    const bare = await openTestApp({}, { page: { directory: join(directory, 'none'), otherOrigins: [] } });
    const answer = await bare.request('GET', '/');
    expect(answer.headers.location).toBe('/docs');
    await bare.app.close();
  });
});
