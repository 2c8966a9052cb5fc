import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * What stands on the PATH.
 * @param required set to 1 where it must be there, as in CI: then a missing one fails the suite that asks
 * @returns null where it is not
 */
export function findProgram(
  name: string,
  required: 'REQUIRE_PLAYERS' | 'REQUIRE_ENGINES' | 'REQUIRE_BROWSER' = 'REQUIRE_PLAYERS',
): string | null {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue; // Not in this directory.
    }
  }
  if (process.env[required] === '1') throw new Error(`${name} is required here and is not on the PATH.`);
  process.stderr.write(`${name} is not on the PATH: what needs it is checked in CI only.\n`);
  return null;
}
