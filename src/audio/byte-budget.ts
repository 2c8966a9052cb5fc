import { abortedError, throwIfAborted } from '../domain/abort.ts';

/** A number of bytes that many share, first come, first served. */
export interface ByteBudget {
  /** Waits until `bytes` are free. @throws aborted once the signal is; RangeError for more than there ever are */
  take(bytes: number, signal: AbortSignal): Promise<void>;
  give(bytes: number): void;
  /** Tells that something taken can be reclaimed from now on, which may let others go ahead. */
  offer(): void;
  readonly takenBytes: number;
}

/**
 * @param reclaim makes somebody give up what they hold without using it, and returns how many bytes that freed; 0 when
 * all that is taken is in use
 */
export function createByteBudget(maxBytes: number, reclaim: () => number): ByteBudget {
  let takenBytes = 0;
  const waiting = new Set<{ readonly bytes: number; readonly go: () => void }>();

  function tryTake(bytes: number): boolean {
    while (takenBytes + bytes > maxBytes) {
      const freed = reclaim();
      if (freed === 0) return false;
      takenBytes -= freed;
    }
    takenBytes += bytes;
    return true;
  }

  function wakeWaiting(): void {
    for (const waiter of waiting) {
      if (!tryTake(waiter.bytes)) return;
      waiting.delete(waiter);
      waiter.go();
    }
  }

  async function take(bytes: number, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (bytes > maxBytes) throw new RangeError(`${bytes} bytes never fit into ${maxBytes}.`);
    if (waiting.size === 0 && tryTake(bytes)) return;
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        bytes,
        go: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      const leave = () => {
        waiting.delete(waiter);
        wakeWaiting();
        reject(abortedError(signal));
      };
      signal.addEventListener('abort', leave, { once: true });
      waiting.add(waiter);
    });
  }

  return {
    take,
    give(bytes) {
      takenBytes -= bytes;
      wakeWaiting();
    },
    offer: wakeWaiting,
    get takenBytes() {
      return takenBytes;
    },
  };
}
