import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..', '..');
export const fixtures = join(root, 'test', 'fixtures');

const server = join(root, 'src', 'entry', 'server.ts');
const START_LIMIT_MS = 30_000;

/** The program, running as a stranger would run it: a process of its own, on a port of its own. */
export interface Program {
  readonly url: string;
  readonly pid: number;
  /** What it has printed so far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** SIGTERM. @returns the exit code */
  stop(): Promise<number | null>;
  /** SIGKILL, and gone when this returns. */
  kill(): Promise<void>;
}

/** A directory for one test's data. */
export async function makeDataDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'earshot-e2e-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** @param environment on top of the plain defaults; PATH may be given to hide the system's ffmpeg */
export async function startProgram(
  dataDir: string,
  environment: Record<string, string> = {},
): Promise<Program> {
  const child = spawn(process.execPath, [server], {
    cwd: dataDir,
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: '0',
      DATA_DIR: dataDir,
      TMPDIR: tmpdir(),
      TZ: 'UTC',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const url = await listening(child, output);
  return {
    url,
    pid: child.pid ?? 0,
    output,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return child.exitCode;
    },
    kill: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

async function listening(child: ChildProcess, output: { stdout: string; stderr: string }): Promise<string> {
  return new Promise((found, fail) => {
    const stopWith = (reason: string) => {
      child.kill('SIGKILL');
      fail(new Error(`${reason}\n${output.stdout}\n${output.stderr}`));
    };
    const limit = setTimeout(() => stopWith('The program did not start in time.'), START_LIMIT_MS);
    child.stdout?.on('data', () => {
      const match = /"address":"(http:[^"]+)"/.exec(output.stdout);
      if (match?.[1] === undefined) return;
      clearTimeout(limit);
      found(match[1]);
    });
    child.once('exit', () => {
      clearTimeout(limit);
      stopWith('The program ended.');
    });
  });
}
