import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { Session, User } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Pages } from '../../controls/pages.tsx';
import { text } from '../../text/text.ts';
import { Row } from './row.tsx';
import styles from './settings.module.css';
import { UserDialog } from './user-dialog.tsx';

const words = text.settings.people;

const usersQuery = infiniteQueryOptions({
  queryKey: keys.users,
  queryFn: ({ pageParam: cursor }) =>
    dataOf(api.GET('/api/admin/users', { params: { query: cursor === '' ? {} : { cursor } } })),
  initialPageParam: '',
  getNextPageParam: ({ next_cursor: next }) => next,
});

/** For administrators: who may come in. */
export function UsersSection({ session }: { readonly session: Session }) {
  const query = useInfiniteQuery(usersQuery);
  const [edited, setEdited] = useState<User | 'new' | null>(null);
  const users = query.data?.pages.flatMap((page) => page.users) ?? [];
  return (
    <>
      <p className={styles['hint']}>{words.hint}</p>
      <div>
        <Button kind="primary" onClick={() => setEdited('new')}>
          <Icon name="add" /> {words.add}
        </Button>
      </div>
      <Pages query={query}>
        <ul className={styles['rows']}>
          {users.map((user) => (
            <Row key={user.id} name={user.username} about={factsOf(user, session)}>
              <Button aria-label={words.editNamed(user.username)} onClick={() => setEdited(user)}>
                {words.edit}
              </Button>
            </Row>
          ))}
        </ul>
      </Pages>
      {edited !== null && (
        <UserDialog user={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
    </>
  );
}

function factsOf({ id, email, is_admin: isAdmin, is_active: isActive }: User, { user }: Session): string {
  return [
    id === user.id && words.you,
    isAdmin && text.settings.administrator,
    !isActive && words.inactive,
    email,
  ]
    .filter((fact) => typeof fact === 'string')
    .join(' · ');
}
