import { useEffect, useRef, useState } from 'react';
import { formatDuration } from '../text/measures.ts';
import { text } from '../text/text.ts';
import { player } from './player.ts';
import styles from './seek-slider.module.css';
import { usePlayer } from './use-player.ts';

const words = text.player;

/** An arrow key goes as far. */
const STEP_S = 5;

/** Over the whole of a file or a stream. While it is dragged, nothing is loaded: it seeks where it is let go. */
export function SeekSlider() {
  const { positionS, durationS, part, source } = usePlayer();
  const [draggedS, setDraggedS] = useState<number | null>(null);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const element = input.current;
    // React's own change is each move; the platform's is the last of them.
    const seek = (): void => {
      setDraggedS(null);
      player.seek(Number(element?.value));
    };
    element?.addEventListener('change', seek);
    return () => element?.removeEventListener('change', seek);
  }, []);
  const shownS = draggedS ?? positionS;
  const title = part?.title ?? source?.title ?? '';
  return (
    <div className={styles['seek']}>
      <span className={styles['time']}>{formatDuration(shownS)}</span>
      <input
        ref={input}
        className={styles['slider']}
        type="range"
        aria-label={words.seek}
        aria-valuetext={words.spokenPosition(shownS, durationS, title)}
        min={0}
        max={Math.max(1, Math.floor(durationS))}
        step={1}
        value={Math.floor(shownS)}
        onInput={(event) => setDraggedS(Number(event.currentTarget.value))}
        onChange={() => undefined}
        onKeyDown={(event) => {
          const by = { ArrowLeft: -STEP_S, ArrowDown: -STEP_S, ArrowRight: STEP_S, ArrowUp: STEP_S }[
            event.key
          ];
          if (by === undefined) return;
          event.preventDefault();
          player.skipBy(by);
        }}
      />
      <span className={styles['time']}>{formatDuration(durationS)}</span>
    </div>
  );
}
