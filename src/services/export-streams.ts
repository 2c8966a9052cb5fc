import type { Caller } from '../domain/caller.ts';
import type { StoredStream } from '../domain/stream.ts';
import { authorize } from './authorize.ts';
import type { Ports } from './ports.ts';

/** Definitions of up to 300 KB each: a page of them is all that is held. */
const PAGE_STREAMS = 20;

/** Every definition of the tenant, by name, a page at a time. */
export async function* exportStreams(
  ports: Pick<Ports, 'streams'>,
  caller: Caller | null,
): AsyncGenerator<readonly StoredStream[], void, undefined> {
  const { tenantId } = authorize(caller, 'read');
  let page = await ports.streams.list(tenantId, { limit: PAGE_STREAMS });
  while (true) {
    if (page.items.length > 0) yield page.items;
    if (page.next === undefined) return;
    page = await ports.streams.list(tenantId, { limit: PAGE_STREAMS, after: page.next });
  }
}
