import { createReadStream } from 'node:fs';
import { AppError, isAlreadyExists } from '../../domain/app-error.ts';
import type { AsyncRequest } from '../../domain/request.ts';
import { LOCAL_CALLER } from '../../services/authenticate.ts';
import type { Ports } from '../../services/ports.ts';
import { receiveUpload, type ReceivedUpload } from '../../services/receive-upload.ts';
import { uploadAudio, type UploadOutcome } from '../../services/upload-audio.ts';
import { waitForRequest } from '../../services/wait-for-request.ts';
import type { Config } from '../config.ts';
import type { EmbeddedHome } from '../embedded.ts';
import { startEmbeddedWorker } from '../embedded-worker.ts';

export interface AddedAudio {
  readonly filename: string;
  /** The library had this content already, under this name. */
  readonly duplicate: boolean;
}

/**
 * Takes a local file into the library the way an upload goes, and waits until it can be played.
 *
 * @param onProgress told the percentage, now and then
 * @throws unsupported_media and all that an upload and an ingest may throw
 */
export async function addAudio(
  ports: Ports,
  path: string,
  name: string,
  onProgress: (percentage: number) => void,
  title?: string,
): Promise<AddedAudio> {
  const upload = await receiveUpload(ports, createReadStream(path));
  try {
    const outcome = await uploadUnderFreeName(ports, upload, { sentFilename: name, title });
    if (outcome.kind === 'duplicate') return { filename: outcome.file.filename, duplicate: true };
    await finish(ports, outcome.requestId, onProgress);
    return { filename: outcome.filename, duplicate: false };
  } finally {
    await upload.remove();
  }
}

/** Another file's name gets a number; the same content again is no other file. */
async function uploadUnderFreeName(
  ports: Ports,
  upload: ReceivedUpload,
  details: { readonly sentFilename: string; readonly title?: string | undefined },
): Promise<UploadOutcome> {
  try {
    return await uploadAudio(ports, LOCAL_CALLER, upload, { ...details, onConflict: 'refuse' });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return uploadAudio(ports, LOCAL_CALLER, upload, { ...details, onConflict: 'rename' });
  }
}

async function finish(
  ports: Ports,
  requestId: string,
  onProgress: (percentage: number) => void,
): Promise<void> {
  const onLook = ({ progress }: AsyncRequest) => onProgress(progress);
  const { status, error } = await waitForRequest(ports, requestId, Infinity, { onLook });
  if (status === 'COMPLETED') return;
  throw new AppError(error?.code ?? 'internal', error?.message ?? `The request was ${status}.`);
}

/** Works on the queue beside the server, or without one, for as long as `use` takes: also where servers do not. */
export async function withWorker<Result>(
  home: EmbeddedHome,
  config: Config,
  use: () => Promise<Result>,
): Promise<Result> {
  const worker = startEmbeddedWorker(home, { workers: Math.max(1, config.workers) });
  try {
    return await use();
  } finally {
    await worker.stop(config.shutdownGraceMs);
  }
}
