import { IconButton } from '../controls/button.tsx';
import { Icon } from '../controls/icon.tsx';
import { player } from './player.ts';
import { usePlayer } from './use-player.ts';

export function PlayerBar() {
  const { source, isPlaying } = usePlayer();
  if (source === null) return null;
  return (
    <section aria-label="Player">
      <IconButton
        label={isPlaying ? 'Pause' : 'Play'}
        onClick={() => (isPlaying ? player.pause() : void player.resume())}
      >
        <Icon name={isPlaying ? 'pause' : 'play'} />
      </IconButton>
      {source.title}
    </section>
  );
}
