import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** As for the program: nothing is written outside the checkout. What a run leaves there goes with the run. */
export const temporaryFiles = join(import.meta.dirname, '..', '..', '.cache', 'tmp', `infra-${process.pid}`);

export default function setup(): () => void {
  mkdirSync(temporaryFiles, { recursive: true });
  return () => rmSync(temporaryFiles, { recursive: true, force: true });
}
