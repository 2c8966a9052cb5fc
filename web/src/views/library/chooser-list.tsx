import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { AudioFile } from '../../api/types.ts';
import { VirtualRows } from '../../controls/virtual-rows.tsx';
import { formatDuration } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import { Cover } from './cover.tsx';
import styles from './file-chooser.module.css';

const ROW_PX = 60;

interface ChooserListProps {
  readonly files: readonly AudioFile[];
  readonly chosen: readonly AudioFile[];
  readonly onToggle: (file: AudioFile) => void;
  /** The last of them is nearly in sight. */
  readonly onEnd: () => void;
}

/** Scrolls by itself, in the dialog. */
export function ChooserList({ files, chosen, onToggle, onEnd }: ChooserListProps) {
  const frame = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: files.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => files[index]?.filename ?? index,
    overscan: 6,
  });
  return (
    <div ref={frame} className={styles['frame']}>
      <VirtualRows label={text.library.files} items={files} virtualizer={virtualizer} onEnd={onEnd}>
        {(file) => (
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
        )}
      </VirtualRows>
    </div>
  );
}
