import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { FRAME, readFrames, writeFrame, type Frame } from './function-frames.ts';

export interface FunctionOptions {
  readonly name: string;
  /** Holds `index.mjs`. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Default true: it may write nowhere but below its own temporary directory. */
  readonly isConfined?: boolean;
}

/** What a function says while it is invoked; the last is its result or its failure. */
export type Said = AsyncGenerator<Frame, void, undefined>;

/** An execution environment: one invocation at a time, frozen in between. */
export interface FunctionProcess {
  readonly pid: number;
  /** From its start until it could be invoked. */
  readonly coldStartMs: number;
  /** What it has logged. */
  readonly log: { text: string };
  /** @param timeoutMs what it is told of its time */
  invoke(event: unknown, requestId: string, timeoutMs: number): Said;
  freeze(): void;
  thaw(): void;
  /** SIGKILL, and gone with its files when this returns. */
  kill(): Promise<void>;
}

const RUNTIME = join(import.meta.dirname, 'function-runtime.ts');
const MAX_LOG = 1_000_000;

/** @throws when its bundle cannot be loaded */
export async function startFunctionProcess(options: FunctionOptions): Promise<FunctionProcess> {
  const { name, directory, environment, isConfined = true } = options;
  const temporary = await mkdtemp(join(tmpdir(), `earshot-${name}-`));
  // A read-only file system but for the temporary directory, as the runtime has it; the rest of Node's rules come with it.
  const confinement = isConfined
    ? ['--permission', '--allow-fs-read=*', `--allow-fs-write=${join(temporary, '*')}`]
    : [];
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...confinement, RUNTIME, join(directory, 'index.mjs')], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'] ?? '',
      TZ: 'UTC',
      LANG: 'en_US.UTF-8',
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
      AWS_REGION: 'us-east-1',
      LAMBDA_TASK_ROOT: directory,
      TMPDIR: temporary,
      DATA_DIR: temporary,
      NODE_OPTIONS: '--enable-source-maps',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const log = { text: '' };
  for (const output of [child.stdout, child.stderr]) {
    output?.setEncoding('utf8').on('data', (text: string) => {
      log.text = (log.text + text).slice(-MAX_LOG);
    });
  }
  const kill = async () => {
    child.kill('SIGKILL');
    await ended(child);
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  };
  const pipe = child.stdio[3] as Duplex;
  pipe.on('error', () => undefined);
  const frames = readFrames(pipe);
  const first = await frames.next();
  if (first.done === true || first.value.kind !== FRAME.ready) {
    await kill();
    throw new Error(`The function ${name} does not start.\n${log.text}`);
  }
  return {
    pid: child.pid ?? 0,
    coldStartMs: performance.now() - startedMs,
    log,
    async *invoke(event, requestId, timeoutMs) {
      const deadlineMs = Date.now() + timeoutMs;
      writeFrame(pipe, FRAME.invoke, JSON.stringify({ event, requestId, functionName: name, deadlineMs }));
      for (;;) {
        const step = await frames.next();
        if (step.done === true) return;
        yield step.value;
        if (step.value.kind === FRAME.result || step.value.kind === FRAME.failure) return;
      }
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill,
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
