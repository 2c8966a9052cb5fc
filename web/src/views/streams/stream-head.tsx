import type { Queue } from '../../api/types.ts';
import { Button } from '../../controls/button.tsx';
import { Icon } from '../../controls/icon.tsx';
import { formatRoughDuration } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import { lifetimeOf } from './lifetime.ts';
import { togglePlaying, useIsPlaying } from './playing.ts';
import styles from './stream-view.module.css';

const words = text.streams;

interface StreamHeadProps {
  readonly queue: Queue;
  readonly onShare: () => void;
  readonly onSettings: () => void;
}

/** What it is, how long it is, and the one button that most people came for. */
export function StreamHead({ queue, onShare, onSettings }: StreamHeadProps) {
  const { name, title = name, file_count: count, duration, play_mode: mode } = queue;
  const isPlaying = useIsPlaying(name);
  return (
    <header className={styles['head']}>
      <h1>{title}</h1>
      <p className={styles['facts']}>
        {[words.editor.total(count, formatRoughDuration(duration)), words.modes[mode], lifetimeOf(queue)]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <div className={styles['buttons']}>
        <Button kind="primary" disabled={count === 0} onClick={() => togglePlaying(queue)}>
          <Icon name={isPlaying ? 'pause' : 'play'} />
          {isPlaying ? words.editor.pause : words.editor.play}
        </Button>
        <Button onClick={onShare}>
          <Icon name="share" />
          {words.editor.share}
        </Button>
        <Button onClick={onSettings}>
          <Icon name="settings" />
          {words.editor.settings}
        </Button>
      </div>
    </header>
  );
}
