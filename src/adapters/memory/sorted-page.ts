import { ValidationError } from '../../domain/app-error.ts';
import type { Page, PageKey, PageRequest } from '../../domain/page.ts';

/** Orders as UTF-8 bytes do, which is how databases and buckets order; UTF-16, which `<` compares, differs from it. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    const leftIsSurrogate = left >= 0xd800 && left < 0xe000;
    const rightIsSurrogate = right >= 0xd800 && right < 0xe000;
    // Surrogates stand for code points above all others of 16 bits.
    if (leftIsSurrogate !== rightIsSurrogate) return leftIsSurrogate ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}

/** Orders keys of the same shape, place by place, ascending. */
export function comparePageKeys(a: PageKey, b: PageKey): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (typeof left === 'string' && typeof right === 'string') {
      const order = compareCodePoints(left, right);
      if (order !== 0) return order;
    } else if (typeof left === 'number' && typeof right === 'number') {
      if (left !== right) return left - right;
    } else {
      throw new ValidationError('cursor', 'This cursor is not of this list.');
    }
  }
  return 0;
}

/**
 * The page that follows `request.after`, in the order of the keys that `keyOf` gives. A descending number goes into
 * its key negated.
 */
export function pageInOrder<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => PageKey,
  request: PageRequest,
): Page<Item> {
  const { after, limit } = request;
  const rest = Array.from(items, (item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => after === undefined || comparePageKeys(key, after) > 0)
    .sort((a, b) => comparePageKeys(a.key, b.key));
  const last = rest[limit - 1];
  const page = rest.slice(0, limit).map(({ item }) => item);
  return last === undefined || rest.length <= limit ? { items: page } : { items: page, next: last.key };
}
