import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A server that runs beside ours. */
export interface Peer {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Where servers are installed that only root's PATH may find. */
const PLACES = ['', '/usr/sbin/', '/usr/local/sbin/', '/opt/homebrew/bin/'];

/** The command that runs a program, seen to answer `-v`; null where it is not installed. */
export async function findProgram(name: string): Promise<string | null> {
  for (const place of PLACES) {
    const child = spawn(place + name, ['-v'], { stdio: 'ignore' });
    const runs = await new Promise<boolean>((resolve) => {
      child.once('error', () => resolve(false));
      child.once('exit', () => resolve(true));
    });
    if (runs) return place + name;
  }
  return null;
}

const START_LIMIT_MS = 10_000;

/** Starts a server and waits until `url` answers anything. @throws with what it printed when it does not */
export async function startPeer(
  name: string,
  [command, ...args]: readonly [string, ...string[]],
  url: string,
): Promise<Peer> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (printed += text.toString()));
  const deadlineMs = performance.now() + START_LIMIT_MS;
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() > deadlineMs) {
      await end(child);
      throw new Error(`${name} did not start.\n${printed}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { name, url, pid: child.pid ?? 0, stop: () => end(child) };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { method: 'HEAD' });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
