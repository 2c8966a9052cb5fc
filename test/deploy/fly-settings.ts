import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const flyToml = readFileSync(join(resolve(import.meta.dirname, '..', '..'), 'fly.toml'), 'utf8');

const section = /\[env\]\n([\s\S]*?)\n\n/.exec(flyToml)?.[1] ?? '';

/** The settings of fly.toml. */
export const flySettings: Readonly<Record<string, string>> = Object.fromEntries(
  [...section.matchAll(/^\s+([A-Z_]+) = '(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]),
);
