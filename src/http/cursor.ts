import { createHmac, timingSafeEqual } from 'node:crypto';
import { ValidationError } from '../domain/app-error.ts';
import type { Page, PageKey, PageRequest } from '../domain/page.ts';

/** What a cursor is good for: the sort, the filter, whatever else makes the list another one. */
export type CursorBinding = Readonly<Record<string, string | number | boolean | null | undefined>>;

const MAC_BYTES = 16;

/**
 * A place in a list, as clients see it: the last key, and an HMAC-SHA-256 over it, the list's `kind` and `binding`,
 * so that it opens with the same sort and filter only.
 */
export function sealCursor(secret: Uint8Array, kind: string, binding: CursorBinding, key: PageKey): string {
  const payload = Buffer.from(JSON.stringify(key)).toString('base64url');
  return `${payload}.${macOf(secret, kind, binding, payload).toString('base64url')}`;
}

/** @throws {ValidationError} for a cursor that was not sealed with the same secret, kind and binding */
export function openCursor(
  secret: Uint8Array,
  kind: string,
  binding: CursorBinding,
  cursor: string,
): PageKey {
  const [payload = '', mac = '', ...rest] = cursor.split('.');
  const expected = macOf(secret, kind, binding, payload);
  const given = Buffer.from(mac, 'base64url');
  if (rest.length > 0 || given.length !== MAC_BYTES || !timingSafeEqual(given, expected)) {
    throw new ValidationError('cursor', 'This cursor is not of this list, with this sort and filter.');
  }
  // What was signed here was written here.
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as PageKey;
}

/** The page that `?limit=&cursor=` asks for. @throws {ValidationError} */
export function toPageRequest(
  secret: Uint8Array,
  kind: string,
  binding: CursorBinding,
  query: { readonly limit: number; readonly cursor?: string | undefined },
): PageRequest {
  if (query.cursor === undefined) return { limit: query.limit };
  return { limit: query.limit, after: openCursor(secret, kind, binding, query.cursor) };
}

/** `count` and `next_cursor` of the answer to a list. */
export function pageFooter(
  secret: Uint8Array,
  kind: string,
  binding: CursorBinding,
  page: Page<unknown>,
): { count: number; next_cursor?: string } {
  const count = page.items.length;
  if (page.next === undefined) return { count };
  return { count, next_cursor: sealCursor(secret, kind, binding, page.next) };
}

function macOf(secret: Uint8Array, kind: string, binding: CursorBinding, payload: string): Buffer {
  const bound = Object.entries(binding)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', secret)
    .update(JSON.stringify(['cursor', kind, bound, payload]))
    .digest()
    .subarray(0, MAC_BYTES);
}
