import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The files of a directory by the path of a URL, each read once; also those that are written later. */
export function filesInMemory(directory: string): (path: string) => Uint8Array | undefined {
  const files = new Map<string, Uint8Array>();
  return (path) => {
    const name = basename(path);
    if (!files.has(name))
      for (const each of readdirSync(directory)) files.set(each, readFileSync(join(directory, each)));
    return files.get(name);
  };
}
