import { useQuery } from '@tanstack/react-query';
import { Suspense, useState, useSyncExternalStore } from 'react';
import { live } from '../../api/live.ts';
import { lazyPart } from '../../api/load-chunk.ts';
import { openRequestsQuery } from '../../api/open-requests.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { useTitle } from '../../controls/use-title.ts';
import { workRoute } from '../../router.tsx';
import { text } from '../../text/text.ts';
import { EndedRequests } from './ended-requests.tsx';
import { RequestRow } from './request-row.tsx';
import { useNow } from './use-now.ts';
import styles from './work.module.css';

const words = text.work;
/** Beside what is told live: what others begin, and all of it where no WebSocket gets through. */
const LOOK_MS = 5_000;

const WriteDownDialog = lazyPart(
  async () => (await import('./writing/write-down-dialog.tsx')).WriteDownDialog,
);

/** Long work: what is under way, live, and what became of the rest. */
export function WorkView() {
  useTitle(words.title);
  const { data: requests, error, refetch } = useQuery({ ...openRequestsQuery, refetchInterval: LOOK_MS });
  const liveState = useSyncExternalStore(live.subscribeState, live.getState);
  const { show } = workRoute.useSearch();
  const navigate = workRoute.useNavigate();
  const nowMs = useNow(LOOK_MS);
  const [isWriting, setWriting] = useState(false);
  return (
    <div className={styles['view']}>
      <header>
        <h1>{words.title}</h1>
        <p className={styles['hint']}>{words.hint}</p>
        <div className={styles['orders']}>
          <Button onClick={() => setWriting(true)}>
            <Icon name="text" />
            {words.writing.title}
          </Button>
        </div>
      </header>
      <section className={styles['section']} aria-labelledby="under-way">
        <h2 id="under-way">{words.underWay}</h2>
        <div role="status">
          {liveState === 'waiting' && <p className={styles['hint']}>{words.cutOff}</p>}
          {requests?.length === 0 && <p className={styles['none']}>{words.nothingUnderWay}</p>}
        </div>
        {requests === undefined && error === null && <Loading />}
        {error !== null && requests === undefined && <Trouble error={error} onRetry={() => void refetch()} />}
        {requests !== undefined && requests.length > 0 && (
          <ul className={styles['rows']}>
            {requests.map((request) => (
              <RequestRow key={request.request_id} request={request} nowMs={nowMs} />
            ))}
          </ul>
        )}
      </section>
      <EndedRequests
        show={show}
        onShow={(next) => void navigate({ search: next === undefined ? {} : { show: next }, replace: true })}
        nowMs={nowMs}
        everyMs={LOOK_MS}
      />
      {isWriting && (
        <Suspense>
          <WriteDownDialog onClose={() => setWriting(false)} />
        </Suspense>
      )}
    </div>
  );
}
