import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { queryClient } from '../../api/query-client.ts';

export interface MadeLink {
  readonly id: string;
  readonly token: string;
  readonly url: string;
}

/** Tokens are told once: those of this visit are kept as long as the page is open, and nowhere else. */
const made = new Map<string, MadeLink>();

export const madeLink = (id: string): MadeLink | undefined => made.get(id);

export const linksQuery = (name: string) =>
  queryOptions({
    queryKey: keys.links('stream', name),
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/streams/{name}/links', {
          params: { path: { name }, query: { limit: 100 } },
          signal,
        }),
      ),
  });

/** @param expiresAt ISO 8601; without it, it opens the stream until it is revoked */
export async function makeLink(name: string, expiresAt?: string): Promise<MadeLink> {
  const link = await dataOf(
    api.POST('/api/streams/{name}/links', {
      params: { path: { name } },
      body: expiresAt === undefined ? {} : { expires_at: expiresAt },
    }),
  );
  made.set(link.id, link);
  await queryClient.invalidateQueries({ queryKey: keys.links('stream', name) });
  return link;
}

export async function revokeLink(name: string, id: string): Promise<void> {
  await api.DELETE('/api/streams/{name}/links/{id}', { params: { path: { name, id } } });
  made.delete(id);
  await queryClient.invalidateQueries({ queryKey: keys.links('stream', name) });
}
