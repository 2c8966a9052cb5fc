import { Upload } from '@aws-sdk/lib-storage';
import { Readable } from 'node:stream';
import { throwIfAborted } from '../../domain/abort.ts';
import { watchBody } from '../../domain/watched-body.ts';
import { addressOf, type BucketFolder } from './bucket-folder.ts';
import { translateS3Error } from './s3-error.ts';

/** The least that S3 allows: an upload takes six parts of memory, 30 MiB, whatever its length. */
const PART_BYTES = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;
/** The other three: the next one as it is gathered and joined, and what is left over from the one before. */
const PARTS_AT_ONCE = 3;

export interface UploadOptions {
  /** Where it is known: above 50 GB parts must be larger. */
  readonly sizeBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Stores the body under the key: a short one in one request, a longer one in parts. When the body or a part fails, or
 * the signal goes, no more is read; once the requests under way have settled, so that none of them can add a part
 * afterwards, the multipart upload is aborted.
 *
 * @throws what the body throws; aborted; insufficient_storage; storage_unavailable
 */
export async function uploadObject(
  folder: BucketFolder,
  key: string,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { sizeBytes = 0, signal }: UploadOptions = {},
): Promise<void> {
  const address = addressOf(folder, key);
  throwIfAborted(signal);
  const watched = watchBody(body, signal);
  const upload = new Upload({
    client: folder.client,
    params: { ...address, Body: Readable.from(watched.chunks) },
    partSize: Math.max(PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS)),
    queueSize: PARTS_AT_ONCE,
    leavePartsOnError: false,
  });
  try {
    await upload.done();
  } catch (error) {
    // What went wrong with the sender is no failure of the storage, though it may look like one: ECONNRESET.
    throw watched.failure === undefined ? translateS3Error(error) : watched.failure.error;
  }
}
