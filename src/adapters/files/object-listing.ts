import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isObjectKey } from '../../domain/object-store.ts';
import { systemCode } from './system-error.ts';

export interface KeysWanted {
  readonly prefix: string;
  /** Only keys that come later than this one. */
  readonly after: string | undefined;
}

/**
 * The keys of the objects under `root`, by code point, one directory read at a time and only directories that may
 * hold a wanted key. What is no object is left out: temporary files, links whose names are no keys, symbolic links.
 */
export function walkKeys(root: string, wanted: KeysWanted): AsyncGenerator<string> {
  return walk(root, '', wanted);
}

async function* walk(root: string, directory: string, wanted: KeysWanted): AsyncGenerator<string> {
  for (const entry of await readEntries(root, directory)) {
    if (entry.endsWith('/')) {
      if (mayHoldWanted(entry, wanted)) yield* walk(root, entry, wanted);
    } else if (entry.startsWith(wanted.prefix) && (wanted.after === undefined || entry > wanted.after)) {
      yield entry;
    }
  }
}

/** Keys, and directories with a slash at their end: so that `a-b` sorts before `a/b`, as the keys do. */
async function readEntries(root: string, directory: string): Promise<string[]> {
  try {
    const entries = await readdir(join(root, directory), { withFileTypes: true });
    return entries
      .filter((entry) => isObjectKey(entry.name) && (entry.isFile() || entry.isDirectory()))
      .map((entry) => `${directory}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function mayHoldWanted(directory: string, { prefix, after }: KeysWanted): boolean {
  if (!directory.startsWith(prefix) && !prefix.startsWith(directory)) return false;
  return after === undefined || after < directory || after.startsWith(directory);
}
