import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OptionError } from './options.ts';

export const BUNDLE_NAMES = ['http', 'websocket', 'worker', 'sweep'] as const;

export type BundleName = (typeof BUNDLE_NAMES)[number];

/** Where `npm run build:lambda` puts the code of the functions. */
export const BUNDLES_DIR = join(import.meta.dirname, '..', '..', 'dist', 'lambda');

/** @throws {OptionError} when the functions are not built */
export function checkBundles(directory: string): void {
  const missing = BUNDLE_NAMES.filter((name) => !existsSync(join(directory, name, 'index.mjs')));
  if (missing.length > 0) {
    throw new OptionError(
      `The functions are not built (${missing.join(', ')}): run \`npm run build:lambda\` in the root of the repository first.`,
    );
  }
}
