import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Cover } from '../../controls/cover.tsx';
import { Icon, type IconName } from '../../controls/icon.tsx';
import { followMediaSession } from '../../player/media-session.ts';
import { takeTurns } from '../../player/other-tabs.ts';
import { text } from '../../text/text.ts';
import type { LinkedAudio, LinkedTrack } from './linked-audio.ts';
import { mediaOf } from './listen-media.ts';
import { ListenPlayer } from './listen-player.ts';
import { Over } from './over.tsx';
import styles from './listen.module.css';

const words = text.listen;

/** Big tiles with a picture each; a tap plays from there. */
export function ListenPage({ linked }: { readonly linked: LinkedAudio }) {
  const [player, setPlayer] = useState<ListenPlayer | null>(null);
  useEffect(() => {
    const made = new ListenPlayer(linked);
    setPlayer(made);
    const leaveTurns = takeTurns(made);
    const leaveDevice = followMediaSession(mediaOf(made, linked));
    return () => {
      leaveDevice();
      leaveTurns();
      made.close();
    };
  }, [linked]);
  return player === null ? null : <Tiles linked={linked} player={player} />;
}

function Tiles({ linked, player }: { readonly linked: LinkedAudio; readonly player: ListenPlayer }) {
  const { isPlaying, track, trouble, isTrying } = useSyncExternalStore(player.subscribe, player.getState);
  if (trouble !== null && !isTrying && trouble.code !== 'offline') return <Over />;
  const { title, tracks } = linked;
  const canPlay = tracks.some(({ state }) => state === 'ready');
  return (
    // A long press shows nothing that leads elsewhere.
    <main className={styles['page']} onContextMenu={(event) => event.preventDefault()}>
      <h1 className={styles['title']}>{title}</h1>
      <p className={styles['trouble']} role="status">
        {isTrying ? (
          words.offline
        ) : (
          <span className="visually-hidden">{track && words.nowPlays(track.title)}</span>
        )}
      </p>
      {tracks.length === 0 && <p>{words.nothing}</p>}
      <ul className={styles['tiles']} aria-label={words.tiles}>
        {tracks.map((one) => (
          <li key={one.index}>
            <Tile
              track={one}
              isCurrent={one.index === track?.index}
              isPlaying={isPlaying}
              onPlay={() => player.playTrack(one)}
            />
          </li>
        ))}
      </ul>
      {canPlay && (
        <div className={styles['controls']} role="group" aria-label={words.controls}>
          {tracks.length > 1 && (
            <Control label={words.previous} icon="previous" onPress={() => player.skipBy(-1)} />
          )}
          <Control
            label={isPlaying ? words.pause : words.play}
            icon={isPlaying ? 'pause' : 'play'}
            isMain
            onPress={() => player.toggle()}
          />
          {tracks.length > 1 && <Control label={words.next} icon="next" onPress={() => player.skipBy(1)} />}
        </div>
      )}
    </main>
  );
}

interface TileProps {
  readonly track: LinkedTrack;
  readonly isCurrent: boolean;
  readonly isPlaying: boolean;
  readonly onPlay: () => void;
}

function Tile({ track, isCurrent, isPlaying, onPlay }: TileProps) {
  const isReady = track.state === 'ready';
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isCurrent) button.current?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  }, [isCurrent]);
  return (
    <button
      ref={button}
      type="button"
      className={styles['tile']}
      aria-current={isCurrent}
      disabled={!isReady}
      onClick={onPlay}
    >
      <span className={styles['picture']}>
        <Cover url={track.cover_url} title={track.title} />
        {isCurrent && (
          <span className={styles['mark']}>
            <Icon name={isPlaying ? 'speak' : 'pause'} size={32} />
          </span>
        )}
      </span>
      <span className={styles['name']}>{track.title}</span>
      {!isReady && <span className={styles['note']}>{words.notReady}</span>}
      {isCurrent && <span className="visually-hidden">{words.plays}</span>}
    </button>
  );
}

interface ControlProps {
  readonly label: string;
  readonly icon: IconName;
  readonly isMain?: boolean;
  readonly onPress: () => void;
}

const Control = ({ label, icon, isMain = false, onPress }: ControlProps) => (
  <button
    type="button"
    className={`${styles['control'] ?? ''} ${isMain ? (styles['main'] ?? '') : ''}`}
    aria-label={label}
    onClick={onPress}
  >
    <Icon name={icon} size={isMain ? 48 : 36} />
  </button>
);
