import type { ByteRange } from '../domain/object-store.ts';

export type ResolvedRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'range'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: ResolvedRange = { kind: 'whole' };
const UNSATISFIABLE: ResolvedRange = { kind: 'unsatisfiable' };

/**
 * What a `Range` header asks of a body of `totalBytes` (RFC 9110, 14.1.2 and 14.2).
 *
 * A header that is malformed or of another unit is ignored, and more than one range is answered with the whole, as the
 * RFC allows, so that a list of ranges cannot be used against the server. A last byte past the end is clamped.
 */
export function resolveRange(header: string | undefined, totalBytes: number): ResolvedRange {
  const set = /^bytes=(.*)$/i.exec(header ?? '')?.[1];
  if (set === undefined) return WHOLE;
  // A recipient ignores empty elements of a list (RFC 9110, 5.6.1.2).
  const specs = set.split(',').filter((spec) => /[^ \t]/.test(spec));
  if (specs.length !== 1) return WHOLE;
  const match = /^[ \t]*(\d*)-(\d*)[ \t]*$/.exec(specs[0] ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return WHOLE;
  return first === '' ? resolveSuffix(Number(last), totalBytes) : resolveInterval(first, last, totalBytes);
}

function resolveInterval(first: string, last: string, totalBytes: number): ResolvedRange {
  // Digits beyond 2^53 lose their last places, yet stay far past any end.
  const start = Number(first);
  const end = last === '' ? Infinity : Number(last);
  if (end < start) return WHOLE;
  if (start >= totalBytes) return UNSATISFIABLE;
  return { kind: 'range', range: { start, endExclusive: Math.min(end + 1, totalBytes) } };
}

function resolveSuffix(lengthBytes: number, totalBytes: number): ResolvedRange {
  if (lengthBytes === 0) return UNSATISFIABLE;
  // All of nothing is satisfiable, but no Content-Range can say it.
  if (totalBytes === 0) return WHOLE;
  return { kind: 'range', range: { start: Math.max(0, totalBytes - lengthBytes), endExclusive: totalBytes } };
}
