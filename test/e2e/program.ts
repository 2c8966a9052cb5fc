import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export const root = resolve(import.meta.dirname, '..', '..');
export const fixtures = join(root, 'test', 'fixtures');

/** Whether the suites of this run are driven through functions of the AWS home in place of a server. */
export const runsInFunctions = process.env['E2E_HOME'] === 'functions';

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

/**
 * @param environment on top of the plain defaults; PATH may be given to hide the system's ffmpeg
 * @param logFile where standard output goes instead of `output`: a bench must not be slowed by reading what is logged
 */
export async function startProgram(
  dataDir: string,
  environment: Record<string, string> = {},
  logFile?: string,
): Promise<Program> {
  if (!runsInFunctions) return startServer(dataDir, environment, logFile);
  const { startFunctionProgram } = await import('./function-program.ts');
  return startFunctionProgram(dataDir, environment);
}

/** Always a server, whatever the suites run against. */
export async function startServer(
  dataDir: string,
  environment: Record<string, string> = {},
  logFile?: string,
): Promise<Program> {
  const log = logFile === undefined ? null : await open(logFile, 'a');
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
    stdio: ['ignore', log?.fd ?? 'pipe', 'pipe'],
  });
  await log?.close();
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const url = await listening(child, async () =>
    logFile === undefined ? output.stdout : readFile(logFile, 'utf8'),
  ).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`The program did not start.\n${output.stdout}\n${output.stderr}`, { cause: error });
  });
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

/** @throws when it ends, or does not listen in time */
async function listening(child: ChildProcess, readLog: () => Promise<string>): Promise<string> {
  for (const limit = Date.now() + START_LIMIT_MS; Date.now() < limit;) {
    const match = /"address":"(http:[^"]+)"/.exec(await readLog());
    if (match?.[1] !== undefined) return match[1];
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('It ended.');
    await setTimeout(10);
  }
  throw new Error('It took too long.');
}
