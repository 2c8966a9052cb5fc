import { describe, expect, it } from 'vitest';
import { isValidationError } from '../domain/app-error.ts';
import { openCursor, pageFooter, sealCursor, toPageRequest } from './cursor.ts';

const secret = new Uint8Array(32).fill(1);
const key = ['grüße.mp3', 12, null] as const;

describe('a cursor', () => {
  it('opens to the key that it was sealed with', () => {
    const cursor = sealCursor(secret, 'audio', { sort: 'name', status: undefined }, key);
    expect(openCursor(secret, 'audio', { sort: 'name' }, cursor)).toEqual(key);
    expect(encodeURIComponent(cursor)).toBe(cursor);
  });

  it.each([
    ['another list', secret, 'users', { sort: 'name' }],
    ['another sort', secret, 'audio', { sort: 'created' }],
    ['another filter', secret, 'audio', { sort: 'name', status: 'ready' }],
    ['another secret', new Uint8Array(32).fill(2), 'audio', { sort: 'name' }],
  ])('does not open for %s', (_what, otherSecret, kind, binding) => {
    const cursor = sealCursor(secret, 'audio', { sort: 'name' }, key);
    expect(() => openCursor(otherSecret, kind, binding, cursor)).toThrow(expect.toSatisfy(isValidationError));
  });

  it.each(['', '.', 'a.b', 'W10', 'W10.', '%00', 'x'.repeat(4096)])('refuses %j', (cursor) => {
    expect(() => openCursor(secret, 'audio', {}, cursor)).toThrow(expect.toSatisfy(isValidationError));
  });

  it('is absent at the end of a list', () => {
    expect(pageFooter(secret, 'audio', {}, { items: [1, 2] })).toEqual({ count: 2 });
    const footer = pageFooter(secret, 'audio', {}, { items: [1], next: key });
    const query = { limit: 5, cursor: footer.next_cursor };
    expect(toPageRequest(secret, 'audio', {}, query)).toEqual({ limit: 5, after: key });
  });
});
