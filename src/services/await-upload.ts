import { AppError } from '../domain/app-error.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import type { AsyncRequest } from '../domain/request.ts';
import { getRecord } from './audio-files.ts';
import { authorize } from './authorize.ts';
import type { Ports } from './ports.ts';
import { waitForRequest } from './wait-for-request.ts';

/** Where an upload stands: the record is `ready` exactly when the request is COMPLETED. */
export interface UploadState {
  readonly request: AsyncRequest;
  readonly file: AudioFile;
}

/**
 * Waits for an upload that was accepted to become playable, as long as `timeoutMs` and `signal` allow; what was asked
 * for goes on all the same.
 *
 * @throws what the ingest failed with, by its code; not_found when the file was deleted meanwhile
 */
export async function awaitUpload(
  ports: Pick<Ports, 'queue' | 'audioFiles'>,
  caller: Caller | null,
  upload: { readonly requestId: string; readonly filename: string },
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<UploadState> {
  const { tenantId } = authorize(caller, 'write');
  const request = await waitForRequest(ports, upload.requestId, timeoutMs, { signal });
  if (request.status === 'FAILED') {
    const { code, message } = request.error ?? {
      code: 'internal',
      message: 'The file could not be taken in.',
    };
    throw new AppError(code, message);
  }
  if (request.status === 'CANCELLED') throw new AppError('conflict', 'The upload was cancelled.');
  return { request, file: await getRecord(ports, tenantId, upload.filename) };
}
