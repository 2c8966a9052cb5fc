import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { AudioFile, SearchResult } from '../../api/types.ts';
import { Icon } from '../../controls/icon.tsx';
import { player } from '../../player/player.ts';
import { formatDuration } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import { Cover } from './cover.tsx';
import styles from './library.module.css';
import { Matches } from './matches.tsx';

const words = text.library;

interface FileRowProps {
  readonly file: AudioFile;
  readonly matches?: SearchResult['matches'] | undefined;
}

/** One file of the list: its picture plays it, its title opens it. */
export const FileRow = memo(function FileRow({ file, matches = [] }: FileRowProps) {
  const { title, filename, state, duration, artist, tags } = file;
  const about = [artist, ...tags.slice(0, 3)].filter((one) => one !== undefined && one !== '').join(' · ');
  return (
    <>
      <div className={styles['file']}>
        <button
          type="button"
          className={styles['play']}
          aria-label={words.play(title)}
          disabled={state !== 'ready'}
          onClick={() => void player.playFile(file)}
        >
          <Cover file={file} size="small" />
          <span className={styles['playIcon']}>
            <Icon name="play" size={20} />
          </span>
        </button>
        <Link to="/library/$filename" params={{ filename }} className={styles['link'] ?? ''}>
          <span className={styles['title']}>{title}</span>
          {(about !== '' || state !== 'ready') && (
            <span className={state === 'failed' ? styles['failed'] : styles['about']}>
              {state === 'failed' && <Icon name="warning" size={16} />}
              <span>{state === 'ready' ? about : words.states[state]}</span>
            </span>
          )}
        </Link>
        {state === 'ready' && <span className={styles['duration']}>{formatDuration(duration)}</span>}
      </div>
      {matches.length > 0 && <Matches file={file} matches={matches} />}
    </>
  );
});
