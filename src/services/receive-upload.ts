import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../domain/app-error.ts';
import { isDiskFull, translateLocalFileError } from './local-file-error.ts';
import type { Ports } from './ports.ts';

/** A body that has come whole and lies in the temporary directory. Whoever holds it calls `remove`, in a `finally`. */
export interface ReceivedUpload {
  readonly path: string;
  readonly sizeBytes: number;
  /** Of the bytes as they came, in hexadecimal. */
  readonly sha256: string;
  /** Idempotent. */
  remove(): Promise<void>;
}

/**
 * Streams an upload to a private temporary file, hashing it on the way; memory stays flat whatever its size. Nothing
 * is left when this throws. It is not flushed: taking it into the object store does that.
 *
 * @throws too_large past the operator's limit; insufficient_storage on a full disk; storage_unavailable when the
 * temporary directory cannot be written; what `body` throws
 */
export async function receiveUpload(
  ports: Pick<Ports, 'policy' | 'newId'>,
  body: AsyncIterable<Uint8Array>,
): Promise<ReceivedUpload> {
  const path = join(ports.policy.tempDir, `upload-${ports.newId()}`);
  const remove = () => rm(path, { force: true });
  const hash = createHash('sha256');
  const maxBytes = ports.policy.maxUploadBytes;
  let sizeBytes = 0;
  let bodyError: unknown;
  const measure = async function* (chunks: AsyncIterable<Uint8Array>) {
    try {
      for await (const chunk of chunks) {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      bodyError = error;
      throw error;
    }
  };
  try {
    await pipeline(body, measure, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    await remove();
    if (isDiskFull(error)) {
      throw new AppError('insufficient_storage', 'There is no room for this upload.', { cause: error });
    }
    // What went wrong with the sender is no failure of the storage, though it may look like one: ECONNRESET.
    throw error === bodyError ? error : translateLocalFileError(error);
  }
  return { path, sizeBytes, sha256: hash.digest('hex'), remove };
}

export function tooLarge(maxBytes: number): AppError {
  return new AppError('too_large', `An upload has at most ${maxBytes} bytes.`, {
    details: { max_bytes: maxBytes },
  });
}
