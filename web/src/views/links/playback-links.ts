import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { queryClient } from '../../api/query-client.ts';

/** What a link plays. */
export interface Played {
  readonly kind: 'file' | 'stream';
  readonly name: string;
}

export interface MadeLink {
  readonly id: string;
  readonly token: string;
  readonly url: string;
}

/** As many as one looks through at once: there are few, but where one is made for each card. */
const PAGE = 20;

/** Tokens are told once: those of this visit are kept as long as the page is open, and nowhere else. */
const made = new Map<string, MadeLink>();

export const madeLink = (id: string): MadeLink | undefined => made.get(id);

/** Newest first. */
export const linksQuery = ({ kind, name }: Played) =>
  infiniteQueryOptions({
    queryKey: keys.links(kind, name),
    initialPageParam: '',
    queryFn: ({ pageParam: cursor, signal }) => {
      const query = { limit: PAGE, ...(cursor !== '' && { cursor }) };
      return kind === 'file'
        ? dataOf(
            api.GET('/api/audio/{filename}/links', { params: { path: { filename: name }, query }, signal }),
          )
        : dataOf(api.GET('/api/streams/{name}/links', { params: { path: { name }, query }, signal }));
    },
    getNextPageParam: ({ next_cursor: cursor }) => cursor,
  });

/** @param expiresAt ISO 8601; without it, it opens until it is revoked */
export async function makeLink({ kind, name }: Played, expiresAt?: string): Promise<MadeLink> {
  const body = expiresAt === undefined ? {} : { expires_at: expiresAt };
  const link = await dataOf(
    kind === 'file'
      ? api.POST('/api/audio/{filename}/links', { params: { path: { filename: name } }, body })
      : api.POST('/api/streams/{name}/links', { params: { path: { name } }, body }),
  );
  made.set(link.id, link);
  await queryClient.invalidateQueries({ queryKey: keys.links(kind, name) });
  return link;
}

export async function revokeLink({ kind, name }: Played, id: string): Promise<void> {
  if (kind === 'file') {
    await api.DELETE('/api/audio/{filename}/links/{id}', { params: { path: { filename: name, id } } });
  } else {
    await api.DELETE('/api/streams/{name}/links/{id}', { params: { path: { name, id } } });
  }
  made.delete(id);
  await queryClient.invalidateQueries({ queryKey: keys.links(kind, name) });
}
