import type { Ports } from './ports.ts';

export interface RepeatedWork {
  /** Starts no further run, tells the one that is on, and waits for its end. */
  stop(): Promise<void>;
}

export interface RepeatedWorkOptions {
  /** For the log. */
  readonly name: string;
  /** From the end of a run to the start of the next. */
  readonly intervalMs: number;
  /** The same after a run that failed. */
  readonly afterFailureMs: number;
}

/** Runs the work now and then, one run at a time, for as long as it is not stopped. A failure is logged, no more. */
export function repeatWork(
  ports: Pick<Ports, 'log'>,
  { name, intervalMs, afterFailureMs }: RepeatedWorkOptions,
  work: (signal: AbortSignal) => Promise<unknown>,
): RepeatedWork {
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void>;

  const run = async (): Promise<void> => {
    let waitMs = intervalMs;
    try {
      await work(signal);
    } catch (error) {
      waitMs = afterFailureMs;
      if (!signal.aborted) ports.log.error({ work: name, error }, `${name} failed and will be tried again`);
    }
    if (signal.aborted) return;
    timer = setTimeout(() => {
      current = run();
    }, waitMs);
    timer.unref();
  };
  current = run();

  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await current;
    },
  };
}
