import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { queryClient } from '../../api/query-client.ts';
import type { ApiKey, Session } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';
import { onDay } from '../../text/when.ts';
import { NewKeyDialog } from './new-key-dialog.tsx';
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
      {query.isPending && <Loading />}
      {query.error !== null && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {shown?.length === 0 && <p className={styles['hint']}>{words.none}</p>}
      {shown !== undefined && shown.length > 0 && (
        <ul className={styles['rows']}>
          {shown.map((key) => (
            <KeyRow key={key.id} apiKey={key} onRevoke={() => revoke(key)} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button onClick={() => void query.fetchNextPage()}>{text.settings.people.more}</Button>
      )}
      {isMaking && <NewKeyDialog isAdmin={session.user.is_admin} onClose={() => setMaking(false)} />}
    </>
  );
}

function KeyRow({ apiKey, onRevoke }: { readonly apiKey: ApiKey; readonly onRevoke: () => void }) {
  const { name, scopes, created_at: created, expires_at: expires } = apiKey;
  const day = expires === undefined ? undefined : onDay(expires);
  const hasEnded = expires !== undefined && Date.parse(expires) <= Date.now();
  return (
    <li className={styles['row']} aria-label={name}>
      <div className={styles['told']}>
        <b>{name}</b>
        <span className={styles['hint']}>
          {[
            scopes.join(', '),
            words.since(onDay(created)),
            day === undefined ? words.never.toLowerCase() : hasEnded ? words.expired(day) : words.until(day),
          ].join(' · ')}
        </span>
      </div>
      <Button aria-label={words.revokeNamed(name)} onClick={onRevoke}>
        {words.revoke}
      </Button>
    </li>
  );
}
