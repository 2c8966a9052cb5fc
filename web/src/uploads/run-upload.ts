import { api, dataOf } from '../api/client.ts';
import { followRequest } from '../api/follow-request.ts';
import { Problem } from '../api/problem.ts';
import { text } from '../text/text.ts';
import { sendPart, untilReached } from './send-part.ts';
import type { BegunUpload, UploadRecord, UploadState } from './upload.ts';

export interface UploadRun {
  /** Null once all of it is at the server. */
  readonly file: File | null;
  readonly report: (state: UploadState) => void;
  /** How far it has come, to go on from there another time. */
  readonly remember: (change: Partial<UploadRecord>) => void;
  readonly signal: AbortSignal;
}

/**
 * Takes one file from where it is to where it plays: its parts, then the ingest.
 *
 * @throws Problem why it cannot be taken in; DOMException `AbortError` when it was cancelled
 */
export async function runUpload(record: UploadRecord, run: UploadRun): Promise<void> {
  const { requestId, filename = record.name } = record;
  if (requestId !== undefined) return prepare(requestId, filename, run);
  const { file } = run;
  if (file === null) throw new Problem('internal', text.library.uploads.states.lost);
  try {
    await sendAll(record, file, run);
  } catch (error) {
    // Its twelve hours are over, or another profile has ended it: from the beginning.
    const isGone = error instanceof Problem && error.code === 'not_found' && record.begun !== undefined;
    if (!isGone) throw error;
    await sendAll({ ...record, begun: undefined, sentParts: [] }, file, run);
  }
}

async function sendAll(record: UploadRecord, file: File, run: UploadRun): Promise<void> {
  const begun = record.begun ?? (await begin(record, run));
  let sentParts = record.sentParts;
  for (;;) {
    await sendParts(begun, sentParts, file, run);
    try {
      return await complete(begun, run);
    } catch (error) {
      const missing = error instanceof Problem ? error.details['missing_parts'] : undefined;
      if (!Array.isArray(missing)) throw error;
      sentParts = begun.parts.map(({ number }) => number).filter((number) => !missing.includes(number));
    }
  }
}

async function begin({ name, size, onConflict }: UploadRecord, run: UploadRun): Promise<BegunUpload> {
  run.report({ step: 'sending', percentage: 0 });
  const body = { filename: name, size, on_conflict: onConflict };
  const begun = await untilReached(
    () => dataOf(api.POST('/api/audio/uploads', { body, signal: run.signal })),
    run.signal,
  );
  run.remember({ begun, sentParts: [] });
  return begun;
}

async function sendParts(
  { parts }: BegunUpload,
  before: readonly number[],
  file: File,
  { report, remember, signal }: UploadRun,
): Promise<void> {
  const sentParts = [...before];
  let start = 0;
  let doneBytes = parts.reduce((sum, { number, size }) => sum + (before.includes(number) ? size : 0), 0);
  const tell = (partBytes: number): void =>
    report({ step: 'sending', percentage: (100 * (doneBytes + partBytes)) / Math.max(1, file.size) });
  for (const { number, url, size } of parts) {
    if (!before.includes(number)) {
      await sendPart(url, file.slice(start, start + size), { onProgress: tell, signal });
      doneBytes += size;
      sentParts.push(number);
      remember({ sentParts });
    }
    start += size;
  }
}

/** Asks that the parts are put together; told at once what comes of it, or where it is told. */
async function complete({ upload_id: id }: BegunUpload, run: UploadRun): Promise<void> {
  const answer = await untilReached(
    () =>
      dataOf(
        api.POST('/api/audio/uploads/{id}/complete', {
          params: { path: { id }, header: { prefer: 'wait=0' } },
          signal: run.signal,
        }),
      ),
    run.signal,
  );
  if ('duplicate' in answer) return run.report({ step: 'duplicate', filename: answer.filename });
  if (!('request_id' in answer)) return run.report({ step: 'done', filename: answer.filename });
  const { request_id: requestId, file } = answer;
  run.remember({ requestId, filename: file.filename });
  return prepare(requestId, file.filename, run);
}

async function prepare(requestId: string, filename: string, { report, signal }: UploadRun): Promise<void> {
  report({ step: 'preparing', percentage: 0 });
  const onProgress = (percentage: number): void => report({ step: 'preparing', percentage });
  await untilReached(() => followRequest(requestId, { signal, onProgress }), signal);
  report({ step: 'done', filename });
}
