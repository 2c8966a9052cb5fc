import { useQuery } from '@tanstack/react-query';
import type { FileInfo } from '../../api/types.ts';
import { player } from '../../player/player.ts';
import { usePlayer } from '../../player/use-player.ts';
import { formatDuration } from '../../text/measures.ts';
import { text } from '../../text/text.ts';
import { waveformQuery } from './file-queries.ts';
import styles from './waveform.module.css';

const HEIGHT = 100;
/** So that silence is a line, not nothing. */
const LEAST = 2;
const STEP_S = 5;

/** One bar for each peak, around the middle; a path of a few KB for the longest recording. */
function pathOf(peaks: readonly number[]): string {
  const highest = Math.max(0.05, ...peaks);
  return peaks
    .map((peak, index) => {
      const half = Math.max(LEAST, (peak / highest) * HEIGHT) / 2;
      return `M${String(index + 0.5)} ${(HEIGHT / 2 - half).toFixed(1)}v${(2 * half).toFixed(1)}`;
    })
    .join('');
}

/**
 * The shape of the sound, from the server's peaks: nothing of the audio is loaded for it. A slider over it seeks, by
 * mouse, finger and keyboard. (wavesurfer.js writes a style sheet into the document, which our policy refuses.)
 */
export function Waveform({ file }: { readonly file: FileInfo }) {
  const { data } = useQuery(waveformQuery(file.filename, file.sha256 ?? ''));
  const { source, positionS } = usePlayer();
  const { duration } = file;
  const isSource = source?.kind === 'file' && source.name === file.filename;
  const atS = isSource ? Math.min(positionS, duration) : 0;
  const path = data === undefined ? '' : pathOf(data.peaks);
  const played = `${String((100 * atS) / Math.max(duration, 0.001))}%`;
  return (
    <div className={styles['waveform']}>
      <svg
        viewBox={`0 0 ${String(data?.count ?? 1)} ${String(HEIGHT)}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <path d={path} className={styles['rest']} />
        <path
          d={path}
          className={styles['played']}
          style={{ clipPath: `inset(0 calc(100% - ${played}) 0 0)` }}
        />
      </svg>
      <input
        type="range"
        aria-label={text.library.file.position}
        aria-valuetext={text.library.file.positionText(formatDuration(atS), formatDuration(duration))}
        min={0}
        max={duration}
        step="any"
        value={atS}
        onChange={({ target }) => {
          const toS = Number(target.value);
          if (isSource) player.seek(toS);
          else void player.playFile(file, toS);
        }}
        onKeyDown={(event) => {
          const by = { ArrowRight: STEP_S, ArrowUp: STEP_S, ArrowLeft: -STEP_S, ArrowDown: -STEP_S }[
            event.key
          ];
          if (by === undefined || !isSource) return;
          event.preventDefault();
          player.seek(Math.min(duration, atS + by));
        }}
      />
    </div>
  );
}
