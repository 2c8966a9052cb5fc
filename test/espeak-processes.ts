import { readdirSync, readFileSync } from 'node:fs';

/** The processes of this one in which eSpeak runs. */
export function espeakProcesses(): number[] {
  const threads = readdirSync('/proc/self/task');
  return threads
    .flatMap((thread) => read(`/proc/self/task/${thread}/children`).trim().split(' '))
    .filter((pid) => pid !== '' && read(`/proc/${pid}/cmdline`).includes('espeak-program'))
    .map(Number);
}

/** @returns nothing for what has just gone */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
