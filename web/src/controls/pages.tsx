import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { text } from '../text/text.ts';
import { Button } from './button.tsx';
import { Loading, Trouble } from './notice.tsx';

interface PagesProps {
  readonly query: UseInfiniteQueryResult;
  /** What has come so far. */
  readonly children: ReactNode;
}

/** What comes page by page: that it is waited for, what went wrong, and a button for more of it. */
export const Pages = ({ query, children }: PagesProps) => (
  <>
    {query.isPending && <Loading />}
    {query.error !== null && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
    {children}
    {query.hasNextPage && (
      <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {text.shell.more}
      </Button>
    )}
  </>
);
