import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].concat(
  readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
);

describe('the documents', () => {
  it('name every variable of the environment', () => {
    const schema =
      /const Environment = z\.object\(\{(.*?)^\}\)/ms.exec(read('src/entry/config.ts'))?.[1] ?? '';
    const variables = [...schema.matchAll(/^ {2}([A-Z0-9_]+):/gm)].map(([, name = '']) => name);
    expect(variables.length).toBeGreaterThan(20);
    const page = read('docs/configuration.md');
    expect(variables.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('point to pages and files that there are', () => {
    const dangling = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page} → ${target}`),
    );
    expect(dangling).toEqual([]);
  });

  it('name sources that there are', () => {
    const missing = pages.flatMap((page) =>
      [...read(page).matchAll(/`((?:src|test|scripts|bin|docs)\/[\w./-]+)`/g)]
        .map(([, path = '']) => path)
        .filter((path) => !existsSync(join(root, path)))
        .map((path) => `${page} → ${path}`),
    );
    expect(missing).toEqual([]);
  });
});
