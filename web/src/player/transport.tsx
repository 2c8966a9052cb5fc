import { IconButton } from '../controls/button.tsx';
import { Icon } from '../controls/icon.tsx';
import { text } from '../text/text.ts';
import { player } from './player.ts';
import { isLive } from './player-state.ts';
import styles from './transport.module.css';
import { usePlayer } from './use-player.ts';

const words = text.player;

export const BACK_S = 15;
export const FORWARD_S = 30;

interface PlayButtonProps {
  readonly size?: 'small' | 'large';
}

export function PlayButton({ size = 'small' }: PlayButtonProps) {
  const { isPlaying, isWaiting } = usePlayer();
  return (
    <button
      type="button"
      className={`${styles['play'] ?? ''} ${size === 'large' ? (styles['large'] ?? '') : ''}`}
      aria-label={isPlaying ? words.pause : words.play}
      aria-busy={isPlaying && isWaiting}
      onClick={() => player.toggle()}
    >
      <Icon name={isPlaying ? 'pause' : 'play'} size={size === 'large' ? 32 : 24} />
    </button>
  );
}

/** By tracks or chapters, and by seconds where there is an end. */
export function Transport({ size = 'small' }: PlayButtonProps) {
  const state = usePlayer();
  const { parts, partIndex } = state;
  const canSkip = !isLive(state);
  return (
    <div className={styles['transport']}>
      {parts.length > 1 && (
        <IconButton label={words.previous} onClick={() => player.previous()}>
          <Icon name="previous" />
        </IconButton>
      )}
      {canSkip && (
        <IconButton label={words.back} onClick={() => player.skipBy(-BACK_S)}>
          <SkipIcon seconds={BACK_S} isBack />
        </IconButton>
      )}
      <PlayButton size={size} />
      {canSkip && (
        <IconButton label={words.forward} onClick={() => player.skipBy(FORWARD_S)}>
          <SkipIcon seconds={FORWARD_S} />
        </IconButton>
      )}
      {parts.length > 1 && (
        <IconButton label={words.next} disabled={partIndex >= parts.length - 1} onClick={() => player.next()}>
          <Icon name="next" />
        </IconButton>
      )}
    </div>
  );
}

/** An arrow around the number. */
const SkipIcon = ({ seconds, isBack = false }: { readonly seconds: number; readonly isBack?: boolean }) => (
  <svg width={28} height={28} viewBox="0 0 28 28" fill="none" stroke="currentColor" aria-hidden="true">
    <path
      d="M14 4.5a10 10 0 1 0 10 10M14 4.5l4-3M14 4.5l4 3"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      transform={isBack ? undefined : 'matrix(-1 0 0 1 28 0)'}
    />
    <text x="14" y="18" textAnchor="middle" fontSize="9.5" fontWeight="700" fill="currentColor" stroke="none">
      {seconds}
    </text>
  </svg>
);
