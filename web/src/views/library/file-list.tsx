import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import type { AudioFile, SearchResult } from '../../api/types.ts';
import { VirtualRows } from '../../controls/virtual-rows.tsx';
import { text } from '../../text/text.ts';
import { FileRow } from './file-row.tsx';
import styles from './library.module.css';

const ROW_PX = 68;

interface FileListProps {
  readonly files: readonly (AudioFile & Partial<Pick<SearchResult, 'matches'>>)[];
  /** The last of them is nearly in sight. */
  readonly onEnd?: () => void;
}

/** Scrolls with the page. */
export function FileList({ files, onEnd }: FileListProps) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), []);
  const virtualizer = useWindowVirtualizer({
    count: files.length,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => files[index]?.filename ?? index,
    overscan: 8,
    scrollMargin: top,
  });
  return (
    <div ref={list} className={styles['list']}>
      <VirtualRows label={text.library.files} items={files} virtualizer={virtualizer} onEnd={onEnd}>
        {(file) => <FileRow file={file} matches={file.matches} />}
      </VirtualRows>
    </div>
  );
}
