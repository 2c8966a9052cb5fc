import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Problem } from '../../api/problem.ts';
import { listenRoute } from '../../router.tsx';
import { text } from '../../text/text.ts';
import { linkedAudioQuery } from './linked-audio.ts';
import { ListenPage } from './listen-page.tsx';
import { Over } from './over.tsx';
import styles from './listen.module.css';

const words = text.listen;

/** For a child: what the link opens, and nothing else. There is no way from here to anywhere. */
export function ListenView() {
  const { token } = listenRoute.useParams();
  const { data, error, failureReason } = useQuery({
    ...linkedAudioQuery(token),
    // Nobody is there who would press a button for it.
    retry: (_, problem) => isPassing(problem),
    retryDelay: 3_000,
    // Tiles stay where they are while somebody listens.
    refetchOnWindowFocus: false,
  });
  useEffect(() => {
    if (data !== undefined) document.title = data.title;
  }, [data]);
  if (error !== null) return <Over />;
  if (data !== undefined) return <ListenPage linked={data} />;
  const isOffline = failureReason !== null && isPassing(failureReason);
  return (
    <main className={styles['said']}>
      <p role="status">{isOffline ? words.offline : words.loading}</p>
    </main>
  );
}

const isPassing = (error: Error): boolean =>
  error instanceof Problem && (error.status === 0 || error.status === 429 || error.status >= 500);
