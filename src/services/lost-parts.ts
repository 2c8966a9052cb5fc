import { AppError, isAppError } from '../domain/app-error.ts';
import { translateErrors } from './chunk-iteration.ts';
import type { Ports } from './ports.ts';
import { nameSome } from './stream-files.ts';

/** An object that a body is read from, and the file of the library that it belongs to. */
export interface BodyPart {
  readonly filename: string;
  readonly key: string;
  readonly sizeBytes: number;
}

/**
 * The chunks as they are. Where one cannot be read, all parts are looked for anew: whoever asks next knows, and here,
 * what has gone or is of another size is named.
 *
 * @throws missing_part naming the files; what `chunks` throws when all parts are there
 */
export function namingLost<Chunk>(
  ports: Pick<Ports, 'presence'>,
  parts: () => Iterable<BodyPart>,
  chunks: AsyncIterable<Chunk>,
): AsyncIterable<Chunk, void, undefined> {
  return translateErrors(chunks, async (error) => {
    if (!isAppError(error) || !UNREADABLE.has(error.code)) throw error;
    const looked = [...parts()];
    ports.presence.forget(looked);
    const { missing } = await ports.presence.findMissing(looked);
    const lost = looked.filter(({ key }) => missing.has(key)).map(({ filename }) => filename);
    throw lost.length === 0 ? error : missingParts([...new Set(lost)], error);
  });
}

/**
 * The chunks as they are, but none before the second has been read: the first of a finite stream is its Info frame,
 * made from the plan alone, and must not go out before a part has been seen to be readable.
 */
export async function* fromSecondOn(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let first: Uint8Array | undefined;
  let count = 0;
  for await (const chunk of chunks) {
    count += 1;
    if (count === 1) {
      first = chunk;
      continue;
    }
    if (first !== undefined) yield first;
    first = undefined;
    yield chunk;
  }
  if (first !== undefined) yield first;
}

const UNREADABLE: ReadonlySet<string> = new Set(['not_found', 'missing_part', 'storage_unavailable']);

export const missingParts = (filenames: readonly string[], cause?: unknown): AppError =>
  new AppError('missing_part', `Missing from the library or its store: ${nameSome(filenames)}.`, {
    cause,
    details: { missing: filenames },
  });
