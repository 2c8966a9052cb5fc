import { AppError } from './app-error.ts';

/** One piece of a direct upload: exactly so many bytes, sent by one PUT. */
export interface UploadPart {
  /** From 1 on. */
  readonly number: number;
  readonly sizeBytes: number;
}

export interface DirectPart extends UploadPart {
  /** Where whoever has it may PUT the part, for a while; null where the program takes the parts, by `writePart`. */
  readonly url: string | null;
}

export interface DirectUpload {
  /** The store's own name of it. */
  readonly uploadId: string;
  readonly parts: readonly DirectPart[];
}

/** A direct upload that has begun, as those remember it who began it: the store may have forgotten. */
export interface OpenUpload {
  /** Of the object that it becomes. */
  readonly key: string;
  readonly uploadId: string;
  /** Of the whole, as it was declared. */
  readonly sizeBytes: number;
}

export interface DirectUploadOptions {
  readonly sizeBytes: number;
  /** How long the addresses of the parts are valid. */
  readonly expiresInS: number;
}

/**
 * Uploads whose sender puts the parts into the object store, one by one, in any order and any of them again. Until
 * `complete` there is no object.
 *
 * Every method may throw storage_unavailable; writers insufficient_storage too.
 */
export interface DirectUploads {
  /** @throws invalid_input; too_large when the store keeps no object of that size */
  begin(key: string, options: DirectUploadOptions): Promise<DirectUpload>;
  /**
   * Stores one part, whole or not at all, in place of what was sent for it before.
   * @throws invalid_input when the body is shorter or longer than the part; conflict while it is being sent already;
   * not_found when there is no such upload or part, or the store takes the parts by itself; what `body` throws
   */
  writePart(upload: OpenUpload, number: number, body: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * Makes the object of its parts, as the store has them: nothing that the sender says is believed.
   * @throws not_found when there is no such upload (any more); conflict when parts are missing
   */
  complete(upload: OpenUpload): Promise<void>;
  /** Idempotent. An object that was made stays. */
  abort(upload: OpenUpload): Promise<void>;
  /** Aborts uploads on which nothing has happened since `beforeMs`. @returns how many there were */
  sweep(beforeMs: number): Promise<number>;
}

const MIB = 1024 * 1024;
const LEAST_PART_BYTES = 8 * MIB;
/** So many addresses are an answer that can be kept; beyond, parts grow up to what may have to be sent again. */
const WANTED_PARTS = 100;
const LARGE_PART_BYTES = 512 * MIB;
/** S3's limits. */
const MAX_PARTS = 10_000;
const MAX_PART_BYTES = 5 * 1024 * MIB;

/**
 * The parts that an upload of this length is sent in, all but the last of one size.
 * @throws invalid_input when there are no bytes; too_large
 */
export function cutIntoParts(sizeBytes: number): UploadPart[] {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 1) {
    throw new AppError('invalid_input', 'A direct upload has at least one byte.');
  }
  const wanted = Math.min(Math.ceil(sizeBytes / WANTED_PARTS), LARGE_PART_BYTES);
  const partBytes = Math.max(LEAST_PART_BYTES, wanted, Math.ceil(sizeBytes / MAX_PARTS));
  if (partBytes > MAX_PART_BYTES) throw new AppError('too_large', 'No object of that size can be kept.');
  return Array.from({ length: Math.ceil(sizeBytes / partBytes) }, (_, index) => ({
    number: index + 1,
    sizeBytes: Math.min(partBytes, sizeBytes - index * partBytes),
  }));
}

export const noSuchUpload = (cause?: unknown): AppError =>
  new AppError('not_found', 'There is no such upload.', { cause });
export const noSuchPart = (): AppError => new AppError('not_found', 'This upload has no such part.');

/**
 * Passes on the bytes of a part.
 * @throws invalid_input as soon as there are more of them than there should be, and at the end when there are fewer
 */
export async function* exactly(
  { number, sizeBytes }: UploadPart,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const wrong = (came: string) =>
    new AppError('invalid_input', `Part ${number} has exactly ${sizeBytes} bytes; ${came} came.`);
  let cameBytes = 0;
  for await (const chunk of body) {
    cameBytes += chunk.byteLength;
    if (cameBytes > sizeBytes) throw wrong('more');
    yield chunk;
  }
  if (cameBytes < sizeBytes) throw wrong(`only ${cameBytes}`);
}

/** @throws conflict when some are missing, naming the first of them */
export function checkAllThere(parts: readonly UploadPart[], isThere: (part: UploadPart) => boolean): void {
  const missing = parts.filter((part) => !isThere(part)).map(({ number }) => number);
  if (missing.length === 0) return;
  const message = `${missing.length} of ${parts.length} parts have not been uploaded.`;
  throw new AppError('conflict', message, { details: { missing_parts: missing.slice(0, MAX_NAMED) } });
}

const MAX_NAMED = 100;
