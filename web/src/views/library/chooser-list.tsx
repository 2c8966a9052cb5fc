import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { AudioFile } from '../../api/types.ts';
import { formatDuration } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import styles from './file-chooser.module.css';
import { Cover } from './cover.tsx';

const ROW_PX = 60;

interface ChooserListProps {
  readonly files: readonly AudioFile[];
  readonly chosen: readonly AudioFile[];
  readonly onToggle: (file: AudioFile) => void;
  /** The last of them is in sight. */
  readonly onEnd: () => void;
}

/** Only the rows in sight are in the document, and a few beyond, which the Tab key goes on to. */
export function ChooserList({ files, chosen, onToggle, onEnd }: ChooserListProps) {
  const frame = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: files.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => files[index]?.filename ?? index,
    overscan: 6,
  });
  const items = rows.getVirtualItems();
  const isAtEnd = (items.at(-1)?.index ?? 0) >= files.length - 1;
  useEffect(() => {
    if (isAtEnd) onEnd();
  }, [isAtEnd, onEnd]);

  return (
    <div ref={frame} className={styles['frame']}>
      <ul className={styles['rows']} style={{ height: rows.getTotalSize() }} aria-label={text.library.files}>
        {items.map(({ index, key, start }) => {
          const file = files[index];
          if (file === undefined) return null;
          return (
            <li
              key={key}
              ref={rows.measureElement}
              data-index={index}
              className={styles['row']}
              style={{ transform: `translateY(${String(start)}px)` }}
              aria-setsize={files.length}
              aria-posinset={index + 1}
            >
              <label className={styles['file']}>
                <input
                  type="checkbox"
                  checked={chosen.some(({ filename }) => filename === file.filename)}
                  onChange={() => onToggle(file)}
                />
                <Cover file={file} size="small" />
                <span className={styles['title']}>{file.title}</span>
                <span className={styles['duration']}>
                  {file.state === 'ready' ? formatDuration(file.duration) : text.library.states[file.state]}
                </span>
              </label>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
