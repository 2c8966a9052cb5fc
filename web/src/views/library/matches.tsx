import type { AudioFile, SearchResult } from '../../api/types.ts';
import { Icon } from '../../controls/icon.tsx';
import { player } from '../../player/player.ts';
import { formatDuration } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import styles from './library.module.css';

/** Matching words stand between `**`, as the server tells them. */
const parts = (snippet: string): readonly string[] => snippet.split('**');

interface MatchesProps {
  readonly file: AudioFile;
  readonly matches: SearchResult['matches'];
}

/** Where it was found: what is said plays from there. A title is seen anyway. */
export const Matches = ({ file, matches }: MatchesProps) => {
  const shown = matches.filter(({ field }) => field !== 'title' && field !== 'filename');
  if (shown.length === 0) return null;
  return (
    <ul className={styles['matches']}>
      {shown.map(({ field, snippet, start_s: startS }) => (
        <li key={`${field} ${String(startS)} ${snippet}`}>
          {startS === undefined || file.state !== 'ready' ? (
            <p className={styles['match']}>
              <Snippet snippet={snippet} />
            </p>
          ) : (
            <button
              type="button"
              className={styles['match']}
              onClick={() => void player.playFile(file, startS)}
            >
              <span className={styles['time']}>
                <Icon name="play" size={16} />
                <span className="visually-hidden">{text.library.playFrom}</span> {formatDuration(startS)}
              </span>{' '}
              <span>
                <Snippet snippet={snippet} />
              </span>
            </button>
          )}
        </li>
      ))}
    </ul>
  );
};

const Snippet = ({ snippet }: { readonly snippet: string }) => (
  <>{parts(snippet).map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part))}</>
);
