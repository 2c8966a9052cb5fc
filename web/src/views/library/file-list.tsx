import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { AudioFile, SearchResult } from '../../api/types.ts';
import { text } from '../../text/text.ts';
import { FileRow } from './file-row.tsx';
import styles from './library.module.css';

const ROW_PX = 68;

interface FileListProps {
  readonly files: readonly (AudioFile & Partial<Pick<SearchResult, 'matches'>>)[];
  /** The last of them is nearly in sight. */
  readonly onEnd?: () => void;
}

const BEFORE_END = 30;

/** Scrolls with the page; only the rows in sight are in the document, and a few beyond, which the Tab key goes on to. */
export function FileList({ files, onEnd }: FileListProps) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: files.length,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => files[index]?.filename ?? index,
    overscan: 8,
    scrollMargin: top,
  });
  const items = rows.getVirtualItems();
  const isNearEnd = (items.at(-1)?.index ?? 0) >= files.length - BEFORE_END;
  useEffect(() => {
    if (isNearEnd) onEnd?.();
  }, [isNearEnd, onEnd, files.length]);

  return (
    <ul
      ref={list}
      className={styles['rows']}
      style={{ height: rows.getTotalSize() }}
      aria-label={text.library.files}
    >
      {items.map(({ index, key, start }) => {
        const file = files[index];
        if (file === undefined) return null;
        return (
          <li
            key={key}
            ref={rows.measureElement}
            data-index={index}
            className={styles['row']}
            style={{ transform: `translateY(${String(start - top)}px)` }}
            aria-setsize={files.length}
            aria-posinset={index + 1}
          >
            <FileRow file={file} matches={file.matches} />
          </li>
        );
      })}
    </ul>
  );
}
