export interface ProgressWriter {
  report(percentage: number, message: string): void;
  /** Drops what has not been written, and waits for the write that is under way. */
  stop(): Promise<void>;
}

/** Writes progress at most once in an interval, the latest report winning, one write at a time. */
export function createProgressWriter(
  write: (percentage: number, message: string) => Promise<void>,
  { intervalMs, onError }: { readonly intervalMs: number; readonly onError: (error: unknown) => void },
): ProgressWriter {
  let waiting: { readonly percentage: number; readonly message: string } | null = null;
  let writing: Promise<void> | null = null;
  let pause: NodeJS.Timeout | null = null;
  let isStopped = false;

  function flush(): void {
    if (waiting === null || writing !== null || pause !== null || isStopped) return;
    const { percentage, message } = waiting;
    waiting = null;
    pause = setTimeout(() => {
      pause = null;
      flush();
    }, intervalMs);
    writing = write(percentage, message)
      .catch(onError)
      .finally(() => {
        writing = null;
        flush();
      });
  }

  return {
    report(percentage, message) {
      waiting = { percentage, message };
      flush();
    },
    async stop() {
      isStopped = true;
      if (pause !== null) clearTimeout(pause);
      await writing;
    },
  };
}
