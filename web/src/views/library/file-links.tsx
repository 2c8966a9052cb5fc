import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { queryClient } from '../../api/query-client.ts';
import type { PlaybackLink } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { CopyField } from '../../controls/copy-field.tsx';
import { Trouble } from '../../controls/notice.tsx';
import { toasts } from '../../controls/toast-store.ts';
import { formatDateTime } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import { linkFacts } from '../links/link-facts.ts';
import { NewLink } from '../links/new-link.tsx';
import styles from './file-view.module.css';

const words = text.library.links;

/** Addresses that play this file without a login: made, shown once, and taken back. */
export function FileLinks({ filename }: { readonly filename: string }) {
  const path = { filename };
  const queryKey = keys.links('file', filename);
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) => dataOf(api.GET('/api/audio/{filename}/links', { params: { path }, signal })),
  });
  const [made, setMade] = useState<{ readonly id: string; readonly url: string } | null>(null);

  async function make(expiresAt: string | undefined): Promise<void> {
    const body = expiresAt === undefined ? {} : { expires_at: expiresAt };
    try {
      setMade(await dataOf(api.POST('/api/audio/{filename}/links', { params: { path }, body })));
      await queryClient.invalidateQueries({ queryKey });
    } catch (problem) {
      toasts.problem(problem);
    }
  }

  async function revoke({ id }: PlaybackLink): Promise<void> {
    try {
      await api.DELETE('/api/audio/{filename}/links/{id}', { params: { path: { filename, id } } });
      if (made?.id === id) setMade(null);
      toasts.show(words.revoked);
      await queryClient.invalidateQueries({ queryKey });
    } catch (problem) {
      toasts.problem(problem);
    }
  }

  return (
    <section className={styles['section']}>
      <h2>{words.title}</h2>
      <p className={styles['soft']}>{words.hint}</p>
      {error !== null && <Trouble error={error} onRetry={() => void refetch()} />}
      {made !== null && <CopyField label={words.made} value={made.url} />}
      <NewLink label={words.make} onMake={make} />
      <ul className={styles['links']}>
        {data?.links.map((link) => (
          <li key={link.id}>
            <span>{linkFacts(link)}</span>
            <Button
              kind="quiet"
              aria-label={text.links.revokeOf(formatDateTime(link.created_at))}
              onClick={() => void revoke(link)}
            >
              {words.revoke}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
