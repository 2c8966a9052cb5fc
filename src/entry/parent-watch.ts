const INTERVAL_MS = 500;

/** Taken when the process starts: npm may be stopped while it still does. */
const parent = process.ppid;

/**
 * Calls `onGone` once when the shell that npm started this process in has ended. npm passes a SIGTERM on to that shell,
 * and the shell to nobody: without this, stopping `npm start` would leave a server behind that holds the port.
 */
export function watchParent(
  environment: Readonly<Record<string, string | undefined>>,
  onGone: () => void,
): void {
  if (environment['npm_lifecycle_event'] === undefined) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, INTERVAL_MS);
  timer.unref();
}
