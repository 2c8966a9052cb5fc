import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Lets the system forget what it holds of these files, and of no others: GNU dd advises it so, without any rights.
 * @returns whether it did
 */
export async function forgetFiles(paths: readonly string[]): Promise<boolean> {
  try {
    // What is not written yet would stay.
    await run('sync', [...paths]);
    for (const path of paths) await run('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
    return true;
  } catch {
    return false;
  }
}
