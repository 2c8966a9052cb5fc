import type { FileInfo } from '../../api/types.ts';
import { player } from '../../player/player.ts';
import { usePlayer } from '../../player/use-player.ts';
import { formatDuration } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import styles from './file-view.module.css';

const words = text.library.file;

/** Each plays from its beginning; the one that is heard is marked. */
export function Chapters({ file }: { readonly file: FileInfo }) {
  const { source, positionS } = usePlayer();
  const isSource = source?.kind === 'file' && source.name === file.filename;
  return (
    <section className={styles['section']}>
      <h2>{words.chapters}</h2>
      <ol className={styles['chapters']}>
        {file.chapters.map(({ title, start_s: startS, end_s: endS }, index) => (
          <li key={startS}>
            <button
              type="button"
              className={styles['chapter']}
              aria-current={isSource && positionS >= startS && positionS < endS ? 'true' : undefined}
              onClick={() => void player.playFile(file, startS)}
            >
              <span className={styles['time']}>{formatDuration(startS)}</span>
              <span>{title === '' ? words.chapter(index + 1) : title}</span>
              <span className={styles['soft']}>{formatDuration(endS - startS)}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
