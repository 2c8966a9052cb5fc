import { randomUUID } from 'node:crypto';
import { FRAME } from './function-frames.ts';
import { startFunctionProcess, type FunctionOptions, type FunctionProcess } from './function-process.ts';

/** Who takes an answer as it comes. */
export interface AnswerTaker {
  head(head: string): void;
  /** Resolves when more is wanted. */
  data(bytes: Buffer): Promise<void> | void;
}

/** How an invocation ended. */
export interface Invoked {
  /** JSON, of a handler that does not stream. */
  readonly result: string;
  readonly wasCold: boolean;
  /** As it is billed: what it ran, without the cold start. */
  readonly ranMs: number;
}

/** A function of Lambda: as many processes as invocations at a time, each used again while it is warm. */
export interface LambdaFunction {
  /** Of the invocations from now on. */
  time: InvocationTime;
  /** @throws when the handler throws, its process dies, or its time is over */
  invoke(event: unknown, taker?: AnswerTaker): Promise<Invoked>;
  /** What has been invoked so far. */
  readonly invocations: readonly Invoked[];
  readonly processes: readonly FunctionProcess[];
  /** What all processes have logged. */
  readonly log: string;
  /** The next invocation finds a cold start. */
  forgetWarm(): Promise<void>;
  stop(): Promise<void>;
}

/** How long an invocation may take. */
export interface InvocationTime {
  /** What the function is told. */
  readonly timeoutMs: number;
  /** When its process is killed; default then. Sooner, it is as if it had not heeded what it was told. */
  readonly killedAfterMs?: number;
}

export interface LambdaFunctionOptions extends FunctionOptions, InvocationTime {
  /** Default true: between two invocations a process does not run, as on Lambda. */
  readonly freezes?: boolean;
}

const MAX_KEPT_INVOCATIONS = 10_000;

export function createLambdaFunction({
  freezes = true,
  timeoutMs,
  killedAfterMs = timeoutMs,
  ...options
}: LambdaFunctionOptions): LambdaFunction {
  let time: InvocationTime = { timeoutMs, killedAfterMs };
  const all = new Set<FunctionProcess>();
  const warm: FunctionProcess[] = [];
  const invocations: Invoked[] = [];
  let endedLog = '';

  async function take(): Promise<{ process: FunctionProcess; wasCold: boolean }> {
    const kept = warm.pop();
    if (kept !== undefined) {
      if (freezes) kept.thaw();
      return { process: kept, wasCold: false };
    }
    const process = await startFunctionProcess(options);
    all.add(process);
    return { process, wasCold: true };
  }

  async function end(process: FunctionProcess): Promise<void> {
    all.delete(process);
    await process.kill();
    endedLog += process.log.text;
  }

  function keep(process: FunctionProcess): void {
    if (freezes) process.freeze();
    warm.push(process);
  }

  async function run(process: FunctionProcess, event: unknown, taker?: AnswerTaker): Promise<string> {
    for await (const { kind, bytes } of process.invoke(event, randomUUID(), time.timeoutMs)) {
      if (kind === FRAME.head) taker?.head(bytes.toString());
      if (kind === FRAME.data) await taker?.data(bytes);
      if (kind === FRAME.result) return bytes.toString();
      if (kind === FRAME.failure) throw new FunctionFailure(bytes.toString());
    }
    throw new Error(
      `${options.name}: the process ended, or its time was over.\n${process.log.text.slice(-2000)}`,
    );
  }

  return {
    get time() {
      return time;
    },
    set time(changed) {
      time = changed;
    },
    invocations,

    async invoke(event, taker) {
      const { process, wasCold } = await take();
      const startedMs = performance.now();
      const timeout = setTimeout(() => void end(process), time.killedAfterMs ?? time.timeoutMs);
      try {
        const result = await run(process, event, taker);
        const invoked = { result, wasCold, ranMs: performance.now() - startedMs };
        if (invocations.length < MAX_KEPT_INVOCATIONS) invocations.push(invoked);
        keep(process);
        return invoked;
      } catch (error) {
        // A handler that threw may be invoked again; a process that is gone may not.
        if (error instanceof FunctionFailure && all.has(process)) keep(process);
        else await end(process);
        throw error;
      } finally {
        clearTimeout(timeout);
      }
    },

    get processes() {
      return [...all];
    },

    get log() {
      return endedLog + [...all].map(({ log }) => log.text).join('');
    },

    async forgetWarm() {
      await Promise.all(warm.splice(0).map(end));
    },

    async stop() {
      warm.length = 0;
      await Promise.all([...all].map(end));
    },
  };
}

/** The handler threw. */
class FunctionFailure extends Error {
  override readonly name = 'FunctionFailure';
}
