import { describe, expect, it } from 'vitest';
import { newRequestId } from './request-log.ts';

describe('the id of a request', () => {
  it('is another one each time', () => {
    const ids = Array.from({ length: 2000 }, newRequestId);
    expect(new Set(ids).size).toBe(2000);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });
});
