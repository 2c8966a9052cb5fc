import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { queryClient } from '../../api/query-client.ts';
import type { ApiKey, Session } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Pages } from '../../controls/pages.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { formatDate } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import { NewKeyDialog } from './new-key-dialog.tsx';
import { Row } from './row.tsx';
import styles from './settings.module.css';

const words = text.settings.apiKeys;

const keysQuery = infiniteQueryOptions({
  queryKey: keys.apiKeys,
  queryFn: ({ pageParam: cursor }) =>
    dataOf(api.GET('/api/user/keys', { params: { query: cursor === '' ? {} : { cursor } } })),
  initialPageParam: '',
  getNextPageParam: ({ next_cursor: next }) => next,
});

export function KeysSection({ session }: { readonly session: Session }) {
  const query = useInfiniteQuery(keysQuery);
  const [isMaking, setMaking] = useState(false);
  // Those that are revoked once the time for an undo is over.
  const [leaving, setLeaving] = useState<ReadonlySet<string>>(new Set());
  const shown = query.data?.pages.flatMap((page) => page.keys).filter(({ id }) => !leaving.has(id));

  function revoke({ id, name }: ApiKey): void {
    setLeaving((all) => new Set(all).add(id));
    const bringBack = (): void => setLeaving((all) => new Set([...all].filter((one) => one !== id)));
    toasts.show(words.revoked(name), {
      undo: bringBack,
      commit: async () => {
        try {
          await api.DELETE('/api/user/keys/{id}', { params: { path: { id } }, keepalive: true });
          await queryClient.invalidateQueries({ queryKey: keys.apiKeys });
        } finally {
          bringBack();
        }
      },
    });
  }

  return (
    <>
      <p className={styles['hint']}>{words.hint}</p>
      <div>
        <Button kind="primary" onClick={() => setMaking(true)}>
          <Icon name="add" /> {words.make}
        </Button>
      </div>
      <Pages query={query}>
        {shown?.length === 0 && <p className={styles['hint']}>{words.none}</p>}
        <ul className={styles['rows']}>
          {shown?.map((key) => (
            <Row key={key.id} name={key.name} about={factsOf(key)}>
              <Button aria-label={words.revokeNamed(key.name)} onClick={() => revoke(key)}>
                {words.revoke}
              </Button>
            </Row>
          ))}
        </ul>
      </Pages>
      {isMaking && <NewKeyDialog isAdmin={session.user.is_admin} onClose={() => setMaking(false)} />}
    </>
  );
}

function factsOf({ scopes, created_at: created, expires_at: expires }: ApiKey): string {
  return [
    scopes.map((scope) => words.does[scope]).join(', '),
    words.since(formatDate(created)),
    endOf(expires),
  ].join(' · ');
}

function endOf(expires: string | undefined): string {
  if (expires === undefined) return words.never.toLowerCase();
  return Date.parse(expires) <= Date.now()
    ? words.expired(formatDate(expires))
    : words.until(formatDate(expires));
}
