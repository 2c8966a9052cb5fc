import { api, dataOf } from './client.ts';
import { isOver, live } from './live.ts';
import { messageOf, Problem } from './problem.ts';
import type { WorkRequest } from './types.ts';

interface FollowOptions {
  readonly onProgress?: (percentage: number, message: string) => void;
  /** Ends the following, not the work. */
  readonly signal?: AbortSignal | undefined;
}

/** How often is asked while nothing is heard over the live connection. */
const ASK_MS = 5_000;

/**
 * Waits for the end of long work, however it is told of: live, or by asking where no live connection comes about.
 *
 * @returns its result
 * @throws Problem what it failed with; `cancelled` when somebody has cancelled it
 */
export function followRequest(
  requestId: string,
  { onProgress, signal }: FollowOptions = {},
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const finish = (end: () => void): void => {
      stopWatching();
      clearInterval(timer);
      signal?.removeEventListener('abort', abort);
      end();
    };
    const fail = (error: Error): void => finish(() => reject(error));
    const abort = (): void => fail(new DOMException('Nobody waits for it any more.', 'AbortError'));
    const ask = async (): Promise<void> => {
      const request = await dataOf(api.GET('/api/requests/{id}', { params: { path: { id: requestId } } }));
      if (!isOver(request)) onProgress?.(request.progress, request.progress_message);
      else if (request.status === 'COMPLETED') finish(() => resolve(request.result));
      else fail(failureOf(request));
    };
    const stopWatching = live.watch(requestId, (event) => {
      if (event.type === 'progress') onProgress?.(event.percentage, event.message);
      else if (event.type === 'complete') finish(() => resolve(event.result));
      else fail(new Problem(codeOf(event.error.code), event.error.message));
    });
    const timer = setInterval(() => {
      if (live.getState() === 'live') return;
      ask().catch((error: unknown) => {
        // Out of reach for now is what the next time is for; what is gone will not come back.
        if (error instanceof Problem && error.status >= 400 && error.status < 500) fail(error);
      });
    }, ASK_MS);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort);
  });
}

function failureOf({ status, error }: WorkRequest): Problem {
  if (error !== null) return new Problem(error.code, error.message);
  return new Problem(status === 'CANCELLED' ? 'cancelled' : 'internal', messageOf(null));
}

/** The server says them; a newer one may say more than this page was built with. */
const codeOf = (code: string): Problem['code'] => code as Problem['code'];
