import type { RequestProgress } from '../domain/request.ts';

export interface ProgressWriter {
  report(progress: RequestProgress): void;
  /** Drops what has not been written, and waits for the write that is under way. */
  stop(): Promise<void>;
}

/** Writes progress at most once in an interval, the latest report winning, one write at a time. */
export function createProgressWriter(
  write: (progress: RequestProgress) => Promise<void>,
  { intervalMs, onError }: { readonly intervalMs: number; readonly onError: (error: unknown) => void },
): ProgressWriter {
  let waiting: RequestProgress | null = null;
  let writing: Promise<void> | null = null;
  let pause: NodeJS.Timeout | null = null;
  let isStopped = false;

  function flush(): void {
    if (waiting === null || writing !== null || pause !== null || isStopped) return;
    const progress = waiting;
    waiting = null;
    pause = setTimeout(() => {
      pause = null;
      flush();
    }, intervalMs);
    writing = write(progress)
      .catch(onError)
      .finally(() => {
        writing = null;
        flush();
      });
  }

  return {
    report(progress) {
      waiting = progress;
      flush();
    },
    async stop() {
      isStopped = true;
      if (pause !== null) clearTimeout(pause);
      await writing;
    },
  };
}
