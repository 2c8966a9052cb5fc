import { untilReturned } from '../../../api/left-session.ts';
import { Problem } from '../../../api/problem.ts';
import { text } from '../../../text/text.ts';
import { sendBody } from '../../../uploads/send-body.ts';
import { isOfEndedSession } from '../../../uploads/send-part.ts';
import type { Recording } from './recording.ts';

interface SendOptions {
  readonly onProgress: (percentage: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Sends a recording to be written down; once more, when the session has ended meanwhile and somebody is logged in again.
 *
 * @param options `signal`: ends it while it is sent. Once all of it has gone out it goes on, since the server may have
 * begun by then: the request is to be cancelled then.
 * @returns the id of the request
 * @throws Problem when it is refused; DOMException `AbortError`
 */
export async function sendRecording(recording: Recording, options: SendOptions): Promise<string> {
  // The browser asks whoever leaves: what is not at the server would be lost.
  const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
  window.addEventListener('beforeunload', ask);
  try {
    for (;;) {
      try {
        return await sendOnce(recording, options);
      } catch (error) {
        if (!isOfEndedSession(error)) throw error;
        await untilReturned(options.signal);
      }
    }
  } finally {
    window.removeEventListener('beforeunload', ask);
  }
}

async function sendOnce(recording: Recording, { onProgress, signal }: SendOptions): Promise<string> {
  signal.throwIfAborted();
  const line = new AbortController();
  const cut = (): void => line.abort();
  signal.addEventListener('abort', cut);
  try {
    const answer = await sendBody('POST', '/api/transcriptions', formOf(recording), {
      isOwn: true,
      signal: line.signal,
      onProgress: (sentBytes, allBytes) => {
        if (sentBytes === allBytes) signal.removeEventListener('abort', cut);
        onProgress((100 * sentBytes) / allBytes);
      },
    });
    return requestIdOf(answer);
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

/** The file comes last: what is wrong with anything else is said before it is read. */
function formOf({ file, language, fromS, toS }: Recording): FormData {
  const form = new FormData();
  if (language !== '') form.set('language', language);
  if (fromS !== undefined) form.set('from_s', fromS.toFixed(3));
  if (toS !== undefined) form.set('to_s', toS.toFixed(3));
  form.set('file', file);
  return form;
}

function requestIdOf(answer: unknown): string {
  const isRequest = typeof answer === 'object' && answer !== null && 'request_id' in answer;
  if (!isRequest) throw new Problem('internal', text.problems.otherForm);
  return String(answer.request_id);
}
