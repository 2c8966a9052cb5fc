import { AppError } from './app-error.ts';

/** @throws aborted when whoever asked has gone, or the process stops */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortedError(signal);
}

export const abortedError = (signal: AbortSignal): AppError =>
  new AppError('aborted', 'The work was stopped: nobody waits for it any more.', { cause: signal.reason });

/** Settles as `promise` does, or throws aborted as soon as the signal is; the promise itself goes on either way. */
export async function untilAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return promise;
  throwIfAborted(signal);
  let leave: () => void = () => undefined;
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(abortedError(signal));
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([promise, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
