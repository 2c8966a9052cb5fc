import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './program.ts';

export interface Ran {
  /** null when it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Sends SIGKILL as soon as it returns true, at the latest output. */
  readonly killWhen?: ((stderr: string) => boolean) | undefined;
}

/** Runs the command line as `npx earshot` does, by its bin. */
export async function runCommand(
  args: readonly string[],
  { cwd, environment, killWhen = () => false }: CommandOptions,
): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'bin', 'earshot.js'), ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: tmpdir(), DATA_DIR: cwd, TZ: 'UTC', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // The bin may start another process: all of them are killed together.
    detached: true,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
    if (child.pid !== undefined && child.exitCode === null && killWhen(output.stderr)) {
      process.kill(-child.pid, 'SIGKILL');
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}
