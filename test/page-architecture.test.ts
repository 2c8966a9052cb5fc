import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const web = resolve(import.meta.dirname, '..', 'web');
const src = join(web, 'src');

/** Which rooms of the page a room may import from. What is loaded when it is asked for (`import()`) is no arrow. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  text: [],
  api: ['text'],
  controls: ['api', 'text'],
  player: ['api', 'controls', 'text'],
  uploads: ['api', 'controls', 'text'],
  views: ['api', 'controls', 'player', 'text', 'uploads', 'router.tsx'],
  shell: ['api', 'controls', 'player', 'text', 'uploads', 'views'],
};

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
  .map((path) => ({ path, text: readFileSync(join(src, path), 'utf8') }));

// A type is no arrow: nothing of it is left when the page is built.
const IMPORT = /^(?:import|export)\s(?!type\s)[^;'"]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'/gm;

const imports = sources.flatMap(({ path, text }) =>
  [...text.matchAll(IMPORT)].map(([, named, bare]) => {
    const specifier = named ?? bare ?? '';
    const isOwn = specifier.startsWith('.');
    return {
      from: path,
      isOwn,
      to: isOwn ? relative(src, resolve(src, dirname(path), specifier)) : specifier,
    };
  }),
);

const roomOf = (path: string): string => path.split('/')[0] ?? '';
const pathsWhere = (pattern: RegExp): string[] =>
  sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

describe('the rooms of the page', () => {
  it('are read', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(imports.length).toBeGreaterThan(sources.length);
  });

  it('import nothing of the server but the types of its interface, which are made', () => {
    expect(imports.filter(({ isOwn, to }) => isOwn && to.startsWith('..'))).toEqual([]);
  });

  it('import packages that the page names, and no others', () => {
    const { dependencies } = JSON.parse(readFileSync(join(web, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const names = imports
      .filter(({ isOwn }) => !isOwn)
      .map(({ to }) => /^(?:@[^/]+\/)?[^/]+/.exec(to)?.[0] ?? to);
    expect([...new Set(names)].filter((name) => !Object.hasOwn(dependencies, name))).toEqual([]);
  });

  it('have no arrow that points the wrong way', () => {
    const wrong = imports.filter(({ from, to, isOwn }) => {
      const allowed = MAY_IMPORT[roomOf(from)];
      return isOwn && allowed !== undefined && roomOf(to) !== roomOf(from) && !allowed.includes(roomOf(to));
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('keep their words in text/', () => {
    // Between tags, or in what a control is called.
    const words = />\s*[A-Z][a-z]+[^<>{}=;()]*<\/|\b(?:aria-label|label|title|placeholder|alt)="[^"]*[a-z]/;
    expect(pathsWhere(words)).toEqual([]);
  });

  it('write no markup out of strings, keep no secret, and silence no rule', () => {
    expect(pathsWhere(/dangerouslySetInnerHTML|\.innerHTML\b|\beval\(/)).toEqual([]);
    expect(pathsWhere(/(?:localStorage|sessionStorage)\.setItem\([^)]*(?:password|token|key['"])/i)).toEqual(
      [],
    );
    expect(pathsWhere(/eslint-disable|@ts-(?:ignore|expect-error|nocheck)|prettier-ignore/)).toEqual([]);
  });

  it('have no file that nobody can read in one go', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 301).map(({ path }) => path);
    expect(long).toEqual([]);
  });
});
