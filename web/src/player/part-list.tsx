import { formatDuration } from '../text/measures.ts';
import { text } from '../text/text.ts';
import { FollowedList } from './followed-list.tsx';
import styles from './large-player.module.css';
import { player } from './player.ts';
import { usePlayer } from './use-player.ts';

/** Tracks of a stream in the order in which they are heard, or chapters of a file. */
export function PartList() {
  const { parts, partIndex } = usePlayer();
  return (
    <FollowedList
      label={text.player.queue}
      items={parts}
      current={partIndex}
      onChoose={(index) => player.skipToPart(index)}
    >
      {({ title, durationS }) => (
        <>
          <span className={styles['grow']}>{title}</span>
          <span className={styles['time']}>{formatDuration(durationS)}</span>
        </>
      )}
    </FollowedList>
  );
}
