import { expect } from 'vitest';
import type { Page, PageRequest } from '../../src/domain/page.ts';

/** All items of a list, `limit` at a time. What a page calls `next` travels as JSON, as in a client's cursor. */
export async function readPages<Item>(
  list: (page: PageRequest) => Promise<Page<Item>>,
  limit: number,
): Promise<Item[]> {
  const items: Item[] = [];
  let page = await list({ limit });
  for (;;) {
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (page.next === undefined) return items;
    expect(page.items).toHaveLength(limit);
    page = await list({ limit, after: JSON.parse(JSON.stringify(page.next)) as typeof page.next });
  }
}
