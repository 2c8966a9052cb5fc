import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { FileInfo, Transcript } from '../../api/types.ts';
import { VirtualRows } from '../../controls/virtual-rows.tsx';
import { player } from '../../player/player.ts';
import { usePlayer } from '../../player/use-player.ts';
import { formatDuration } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import styles from './file-view.module.css';

const LINE_PX = 52;

interface TranscriptLinesProps {
  readonly file: FileInfo;
  readonly transcript: Transcript;
}

/** Each segment plays from its beginning. Of an evening's reading, only what is in sight is in the document. */
export function TranscriptLines({ file, transcript }: TranscriptLinesProps) {
  const { segments } = transcript;
  const frame = useRef<HTMLDivElement>(null);
  const { source, positionS } = usePlayer();
  const isSource = source?.kind === 'file' && source.name === file.filename;
  const virtualizer = useVirtualizer({
    count: segments.length,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE_PX,
    overscan: 6,
  });
  if (segments.length === 0) return <p className={styles['plain']}>{transcript.transcript}</p>;
  return (
    <div ref={frame} className={styles['transcript']}>
      <VirtualRows label={text.library.transcript.title} items={segments} virtualizer={virtualizer}>
        {({ start_s: startS, end_s: endS, text: said }) => (
          <button
            type="button"
            className={styles['segment']}
            aria-current={isSource && positionS >= startS && positionS < endS ? 'true' : undefined}
            onClick={() => void player.playFile(file, startS)}
          >
            <span className={styles['time']}>{formatDuration(startS)}</span>
            <span>{said}</span>
          </button>
        )}
      </VirtualRows>
    </div>
  );
}
