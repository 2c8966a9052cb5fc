import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Queue } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Loading, Trouble } from '../../controls/notice.tsx';
import { formatDuration } from '../../text/measures.ts';
import { shownTitle } from '../../text/shown-title.ts';
import { text } from '../../text/text.ts';
import styles from './plan-list.module.css';
import { usePlayingTrack } from './playing.ts';
import { isEndless, isShuffled } from '../../api/play-mode.ts';
import { planQuery } from './stream-queries.ts';

const words = text.streams.plan;
const PAGE = 100;
const MAX_UINT32 = 0xffff_ffff;

/** What is heard when somebody presses play now, and when; of what has no end, one turn. */
export function PlanList({ queue }: { readonly queue: Queue }) {
  const { name, play_mode: mode } = queue;
  const [seed, setSeed] = useState<number | undefined>();
  const [limit, setLimit] = useState(PAGE);
  const { data, error, refetch } = useQuery(planQuery(name, mode, isShuffled(mode) ? seed : undefined));
  const playing = usePlayingTrack(name);
  if (queue.files.length === 0) return <p className={styles['about']}>{text.streams.editor.emptyTitle}</p>;
  if (error !== null) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const isOther = seed !== undefined;
  return (
    <section>
      <p className={styles['about']}>
        {isEndless(mode)
          ? words.turn(formatDuration(data.duration))
          : words.total(formatDuration(data.duration))}{' '}
        {isShuffled(mode) && (isOther ? words.otherOrder : words.ownOrder)}
      </p>
      {data.seed !== undefined && (
        <p className={styles['seed']}>
          <span>{words.seed(data.seed)}</span>
          <Button onClick={() => setSeed(Math.floor(Math.random() * MAX_UINT32))}>{words.another}</Button>
          {isOther && <Button onClick={() => setSeed(undefined)}>{words.own}</Button>}
        </p>
      )}
      <ol className={styles['list']} aria-label={words.label}>
        {data.tracks.slice(0, limit).map(({ index, title, filename, start_s: startS, duration }) => (
          <li key={index} aria-current={(!isOther && index === playing) || undefined}>
            <span className={styles['time']}>{formatDuration(startS)}</span>
            <span className={styles['title']}>{shownTitle(title, filename)}</span>
            <span className={styles['time']}>{formatDuration(duration)}</span>
          </li>
        ))}
      </ol>
      {data.tracks.length > limit && (
        <Button onClick={() => setLimit(limit + PAGE)}>{text.shell.more}</Button>
      )}
    </section>
  );
}
