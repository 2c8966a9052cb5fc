import type { ByteRange } from '../domain/object-store.ts';
import type { ImmutableObject, PieceCache } from './piece-cache.ts';

/**
 * At once, what the cache holds of a range, from the range's start on as far as it goes; nothing is read. The chunks are
 * those of `PieceCache.read`: never write into them, and give them back.
 * @param enoughBytes once there are so many, no more are looked for
 */
export function findHeldChunks(
  pieces: Pick<PieceCache, 'peek'>,
  object: ImmutableObject,
  range: ByteRange,
  enoughBytes: number,
): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = range.start;
  while (at < range.endExclusive && at - range.start < enoughBytes) {
    const chunk = pieces.peek(object, { start: at, endExclusive: range.endExclusive });
    if (chunk === undefined) break;
    chunks.push(chunk);
    at += chunk.length;
  }
  return chunks;
}
