import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { isOver } from '../../api/live.ts';
import { Button } from '../../controls/button.tsx';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { text } from '../../text/text.ts';
import { RequestRow } from './request-row.tsx';
import styles from './work.module.css';

const words = text.work;
const PAGE = 50;

/** Which of those that ended are shown. */
export type Ended = 'FAILED' | 'COMPLETED' | 'CANCELLED';

const CHOICES = [
  { value: undefined, label: words.all },
  { value: 'FAILED', label: words.failed },
  { value: 'COMPLETED', label: words.done },
  { value: 'CANCELLED', label: words.cancelled },
] as const satisfies readonly { value: Ended | undefined; label: string }[];

const endedQuery = (status: Ended | undefined) =>
  infiniteQueryOptions({
    queryKey: [...keys.requests, 'ended', status ?? 'all'],
    queryFn: ({ pageParam: cursor }) => {
      const query = { limit: PAGE, ...(status && { status }), ...(cursor !== '' && { cursor }) };
      return dataOf(api.GET('/api/requests', { params: { query } }));
    },
    initialPageParam: '',
    getNextPageParam: ({ next_cursor: next }) => next,
  });

interface EndedRequestsProps {
  readonly show: Ended | undefined;
  readonly onShow: (show: Ended | undefined) => void;
  readonly nowMs: number;
  readonly everyMs: number;
}

/** Long work of the last week that has ended. */
export function EndedRequests({ show, onShow, nowMs, everyMs }: EndedRequestsProps) {
  const query = useInfiniteQuery({
    ...endedQuery(show),
    // All pages are asked for anew: who reads far back is not disturbed.
    refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? everyMs : false),
  });
  const { data, error, isPending, hasNextPage, isFetchingNextPage } = query;
  const requests = data?.pages.flatMap((page) => page.requests).filter(isOver) ?? [];
  return (
    <section className={styles['section']} aria-labelledby="ended">
      <h2 id="ended">{words.ended}</h2>
      <div className={styles['choices']} role="group" aria-label={words.show}>
        {CHOICES.map(({ value, label }) => (
          <button
            key={label}
            type="button"
            className={styles['choice']}
            aria-pressed={show === value}
            onClick={() => onShow(value)}
          >
            {label}
          </button>
        ))}
      </div>
      {isPending && <Loading />}
      {error !== null && data === undefined && <Trouble error={error} onRetry={() => void query.refetch()} />}
      {data !== undefined && requests.length === 0 && <p className={styles['none']}>{words.nothingEnded}</p>}
      {requests.length > 0 && (
        <ul className={styles['rows']}>
          {requests.map((request) => (
            <RequestRow key={request.request_id} request={request} nowMs={nowMs} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button disabled={isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {text.shell.more}
        </Button>
      )}
    </section>
  );
}
