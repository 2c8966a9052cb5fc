import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Loading, Trouble } from '../controls/notice.tsx';
import { formatDuration } from '../text/measures.ts';
import { text } from '../text/text.ts';
import { FollowedList } from './followed-list.tsx';
import styles from './large-player.module.css';
import type { Part } from './parts.ts';
import { partAt } from './parts.ts';
import { player } from './player.ts';
import { transcriptQuery } from './transcript-query.ts';
import { usePlayer } from './use-player.ts';

const words = text.player;

/** What is said in the file that is heard; a line that is pressed is heard. */
export function HeardTranscript({ part }: { readonly part: Part }) {
  const { filename } = part;
  const { positionS } = usePlayer();
  const { data, error, refetch } = useQuery({
    ...transcriptQuery(filename),
    select: ({ transcript }) => transcript,
  });
  const segments = useMemo(
    () => (data?.segments ?? []).map(({ text: said, start_s: startS }) => ({ said, startS })),
    [data],
  );
  if (error !== null) return <Trouble error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  if (segments.length === 0) {
    const whole = data.transcript ?? '';
    if (whole === '') return <p className={styles['soft']}>{words.noTranscript}</p>;
    return (
      <>
        <p className={styles['soft']}>{words.transcriptWithoutTimes}</p>
        <p className={styles['whole']}>{whole}</p>
      </>
    );
  }
  // A track of a stream begins somewhere in it, and somewhere in its file.
  const fileToHeardS = part.startS - part.fileStartS;
  return (
    <FollowedList
      label={words.transcript}
      items={segments}
      current={partAt(segments, positionS - fileToHeardS)}
      onChoose={(index) => player.seek((segments[index]?.startS ?? 0) + fileToHeardS)}
    >
      {({ said, startS }) => (
        <>
          <span className={styles['time']}>{formatDuration(startS)}</span>
          <span className={styles['grow']}>{said}</span>
        </>
      )}
    </FollowedList>
  );
}
