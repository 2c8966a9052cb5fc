import { leaveSession } from '../api/left-session.ts';
import { Problem, toProblem } from '../api/problem.ts';
import { text } from '../text/text.ts';

export interface SendOptions {
  /** Bytes that have gone out, of how many. */
  readonly onProgress: (sentBytes: number, allBytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * By XMLHttpRequest, because `fetch` does not tell how much has gone out.
 *
 * @param options `isOwn`: a 401 is of the session
 * @returns the JSON that was answered; null where it is none: a bucket answers with XML, a proxy with anything
 * @throws Problem when it is refused or the server out of reach; DOMException `AbortError`
 */
export function sendBody(
  method: 'POST' | 'PUT',
  url: string,
  body: Blob | FormData,
  { onProgress, signal, isOwn }: SendOptions & { readonly isOwn: boolean },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    signal.addEventListener('abort', abort);
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded, total));
    request.addEventListener('loadend', () => {
      signal.removeEventListener('abort', abort);
      if (request.status === 401 && isOwn) leaveSession();
      if (signal.aborted) reject(new DOMException('The upload was cancelled.', 'AbortError'));
      else if (request.status === 0) reject(new Problem('offline', text.problems.offline));
      else if (request.status >= 300) reject(toProblem(request.status, bodyOf(request.responseText)));
      else resolve(bodyOf(request.responseText));
    });
    request.open(method, url);
    request.send(body);
  });
}

function bodyOf(answered: string): unknown {
  try {
    return JSON.parse(answered);
  } catch {
    return null;
  }
}
