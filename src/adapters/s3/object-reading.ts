import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { abortedError, throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import type { ByteRange } from '../../domain/object-store.ts';
import { addressOf, type BucketFolder } from './bucket-folder.ts';
import { errorName } from '../aws/error-name.ts';
import { translateS3Error } from './s3-error.ts';

export interface ReadingOptions {
  /** A GET that has brought nothing for so long is given up, and another one goes on at the same byte; likewise one
   * whose asker has asked for nothing, so that it takes no connection from others. */
  readonly stallTimeoutMs: number;
  readonly random: () => number;
}

/** In a row, without {@link AMENDS_BYTES} between them. */
const MAX_BREAKS = 4;
const AMENDS_BYTES = 1024 * 1024;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 2_000;

/**
 * The object, or one range of it that is not empty, as it comes. A body that breaks off or stalls is gone on with at
 * the byte where it stopped, on condition that the object is still the same one (If-Match, RFC 9110, section 13.1.1).
 * Leaving the iteration, or the signal, closes the connection at once.
 *
 * @throws not_found; aborted; storage_unavailable, also when the object is shorter than the range, has been replaced or
 * deleted by the time that a reading breaks off, or does not fit the checksum that came with it
 */
export async function* readObject(
  folder: BucketFolder,
  key: string,
  range: ByteRange | undefined,
  signal: AbortSignal | undefined,
  { stallTimeoutMs, random }: ReadingOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = range?.start ?? 0;
  let end = range?.endExclusive;
  let etag: string | undefined;
  let breaks = 0;
  let brokeAt = at;
  for (;;) {
    throwIfAborted(signal);
    const get = await openGet(folder, key, { start: at, end, etag, isRange: end !== undefined }, signal);
    ({ etag, end } = get);
    const watch = createStallWatch(stallTimeoutMs, () => get.stop());
    let failure: unknown;
    try {
      for (;;) {
        watch.asked();
        const next = await get.chunks.next().catch((error: unknown) => ({ error }));
        watch.answered();
        if ('error' in next) {
          failure = next.error;
          break;
        }
        if (next.done === true) {
          get.hasEnded();
          break;
        }
        at += next.value.length;
        if (at > end) throw new AppError('storage_unavailable', 'More bytes came than were asked for.');
        yield next.value;
      }
    } finally {
      watch.stop();
      get.stop();
    }
    throwIfAborted(signal);
    // Asked first: the last bytes may not have been given out yet, and reading on from there would hide it.
    if (isChecksumMismatch(failure)) {
      throw new AppError('storage_unavailable', 'A stored object is not what it was.', { cause: failure });
    }
    if (at === end) return;
    // Its asker was slow, not the storage.
    const isBreak = !watch.hasFiredUnasked();
    if (isBreak) {
      if (at - brokeAt >= AMENDS_BYTES) breaks = 0;
      breaks += 1;
      brokeAt = at;
    }
    if (breaks > MAX_BREAKS || etag === undefined) {
      throw new AppError('storage_unavailable', 'The storage breaks off what it sends.', { cause: failure });
    }
    if (isBreak) await pause(random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** breaks), signal);
  }
}

interface Wanted {
  readonly start: number;
  readonly end: number | undefined;
  /** Of what has come so far. */
  readonly etag: string | undefined;
  readonly isRange: boolean;
}

interface OpenGet {
  readonly chunks: AsyncIterator<Uint8Array>;
  readonly etag: string | undefined;
  readonly end: number;
  hasEnded(): void;
  /** Closes the connection, unless the body has ended: then the next request may use it. */
  stop(): void;
}

async function openGet(
  folder: BucketFolder,
  key: string,
  wanted: Wanted,
  signal: AbortSignal | undefined,
): Promise<OpenGet> {
  const controller = new AbortController();
  const leave = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', leave, { once: true });
  try {
    const output = await folder.client.send(
      new GetObjectCommand({
        ...addressOf(folder, key),
        ...(wanted.isRange && {
          Range: `bytes=${wanted.start}-${wanted.end === undefined ? '' : wanted.end - 1}`,
        }),
        ...(wanted.etag !== undefined && { IfMatch: wanted.etag }),
      }),
      { abortSignal: controller.signal },
    );
    if (!(output.Body instanceof Readable)) throw new Error('S3 gave no stream of bytes.');
    // Without one, an error between two reads would end the process; the next read throws it.
    output.Body.on('error', () => undefined);
    const end = endOf(output, wanted);
    const isBroken = wanted.etag !== undefined && output.ETag !== wanted.etag;
    if (isBroken) throw changed(undefined);
    let isOver = false;
    return {
      chunks: (output.Body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator](),
      etag: output.ETag,
      end,
      hasEnded: () => {
        isOver = true;
      },
      stop: () => {
        signal?.removeEventListener('abort', leave);
        if (!isOver) controller.abort();
      },
    };
  } catch (error) {
    signal?.removeEventListener('abort', leave);
    controller.abort();
    if (signal?.aborted === true) throw abortedError(signal);
    throw refusal(error, wanted);
  }
}

/** Where the body ends. @throws storage_unavailable for an answer that is not what was asked for */
function endOf(
  { ContentRange, ContentLength }: GetObjectCommandOutput,
  { start, end, isRange }: Wanted,
): number {
  if (!isRange) {
    if (ContentLength !== undefined) return ContentLength;
    throw new AppError('storage_unavailable', 'The storage does not say how long an object is.');
  }
  const [, first, last] = /^bytes (\d+)-(\d+)\//.exec(ContentRange ?? '') ?? [];
  if (Number(first) !== start) {
    throw new AppError('storage_unavailable', 'The storage answers with other bytes than were asked for.');
  }
  const answeredEnd = Number(last) + 1;
  if (end !== undefined && answeredEnd < end) throw tooShort(undefined);
  return end ?? answeredEnd;
}

function refusal(error: unknown, { etag }: Wanted): Error {
  const name = errorName(error);
  if (name === 'InvalidRange') return tooShort(error);
  const translated = translateS3Error(error);
  const isGone = translated instanceof AppError && translated.code === 'not_found';
  return etag !== undefined && (isGone || name === 'PreconditionFailed') ? changed(error) : translated;
}

const tooShort = (cause: unknown): AppError =>
  new AppError('storage_unavailable', 'A stored object is shorter than it was.', { cause });

const changed = (cause: unknown): AppError =>
  new AppError('storage_unavailable', 'A stored object was replaced or deleted while it was read.', {
    cause,
  });

/** The SDK's error has no name of its own. */
const isChecksumMismatch = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Checksum mismatch');

interface StallWatch {
  asked(): void;
  answered(): void;
  stop(): void;
  /** Whether time ran out while nobody waited for a chunk. */
  hasFiredUnasked(): boolean;
}

function createStallWatch(timeoutMs: number, onStall: () => void): StallWatch {
  let isAsked = false;
  let fired: 'asked' | 'unasked' | undefined;
  const timer = setTimeout(() => {
    fired = isAsked ? 'asked' : 'unasked';
    onStall();
  }, timeoutMs);
  return {
    asked: () => {
      isAsked = true;
      if (fired === undefined) timer.refresh();
    },
    answered: () => {
      isAsked = false;
    },
    stop: () => clearTimeout(timer),
    hasFiredUnasked: () => fired === 'unasked',
  };
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal && { signal });
  } catch {
    throwIfAborted(signal);
  }
}
