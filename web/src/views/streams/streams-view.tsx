import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { Empty, Loading, Trouble } from '../../controls/notice.tsx';
import { useTitle } from '../../controls/use-title.ts';
import { text } from '../../text/text.ts';
import { useHiddenStreams } from './hidden-streams.ts';
import { NewStreamDialog } from './new-stream-dialog.tsx';
import { StreamCard } from './stream-card.tsx';
import { streamListQuery } from './stream-queries.ts';
import styles from './streams-view.module.css';
import { TransferDialog } from './transfer-dialog.tsx';

const words = text.streams;

export function StreamsView() {
  useTitle(words.title);
  const { data, error, refetch, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery(streamListQuery);
  const hidden = useHiddenStreams();
  const [isMaking, setMaking] = useState(false);
  const [isMoving, setMoving] = useState(false);
  const pages = data?.pages ?? [];
  const streams = pages.flatMap(({ queues }) => queues).filter(({ name }) => !hidden.has(name));
  const storage = pages[0]?.storage;
  const makeButton = (
    <Button kind="primary" onClick={() => setMaking(true)}>
      <Icon name="add" />
      {words.make.open}
    </Button>
  );

  return (
    <>
      <header className={styles['head']}>
        <h1>{words.title}</h1>
        {streams.length > 0 && makeButton}
      </header>
      {storage?.persistent === false && (
        <p className={styles['storage']}>
          <Icon name="warning" />
          <span>{words.notKept}</span>
        </p>
      )}
      {error !== null && <Trouble error={error} onRetry={() => void refetch()} />}
      {isPending && error === null && <Loading />}
      {data !== undefined && streams.length === 0 && (
        <Empty title={words.empty.title}>
          <p>{words.empty.hint}</p>
          {makeButton}
        </Empty>
      )}
      {streams.length > 0 && (
        <ul className={styles['list']}>
          {streams.map((stream) => (
            <StreamCard key={stream.name} stream={stream} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <p className={styles['more']}>
          <Button onClick={() => void fetchNextPage()} disabled={isFetchingNextPage}>
            {text.shell.more}
          </Button>
        </p>
      )}
      {data !== undefined && (
        <p className={styles['more']}>
          <Button kind="quiet" onClick={() => setMoving(true)}>
            {words.transfer.open}
          </Button>
        </p>
      )}
      {isMaking && <NewStreamDialog onClose={() => setMaking(false)} />}
      {isMoving && <TransferDialog onClose={() => setMoving(false)} />}
    </>
  );
}
