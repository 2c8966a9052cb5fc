import { Link } from '@tanstack/react-router';
import type { StreamSummary } from '../../api/types.ts';
import { Icon } from '../../controls/icon.tsx';
import { formatRoughDuration } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import { lifetimeOf } from './lifetime.ts';
import { useIsPlaying, togglePlaying } from './playing.ts';
import styles from './streams-view.module.css';

const words = text.streams;

export function StreamCard({ stream }: { readonly stream: StreamSummary }) {
  const { name, title = name, file_count: count, duration, play_mode: mode } = stream;
  const isPlaying = useIsPlaying(name);
  const lifetime = lifetimeOf(stream);
  return (
    <li className={styles['card']}>
      <button
        type="button"
        className={styles['play']}
        aria-label={isPlaying ? words.pause(title) : words.play(title)}
        disabled={count === 0}
        onClick={() => togglePlaying(stream)}
      >
        <Icon name={isPlaying ? 'pause' : 'play'} />
      </button>
      <div className={styles['about']}>
        <Link to="/streams/$name" params={{ name }} className={styles['title'] ?? ''}>
          {title}
        </Link>
        <p className={styles['facts']}>{words.editor.total(count, formatRoughDuration(duration))}</p>
        <p className={styles['facts']}>{[words.modes[mode], lifetime].filter(Boolean).join(' · ')}</p>
      </div>
    </li>
  );
}
