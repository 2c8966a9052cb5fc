import { useQuery } from '@tanstack/react-query';
import { Suspense, useEffect, useState } from 'react';
import { lazyPart } from '../api/load-chunk.ts';
import { sessionQuery } from '../api/session.ts';
import { IconButton } from '../controls/button.tsx';
import { Cover } from '../controls/cover.tsx';
import { Icon } from '../controls/icon.tsx';
import { text } from '../text/text.ts';
import { formatDuration } from '../text/measures.ts';
import { followMediaSession } from './media-session.ts';
import { takeTurns } from './other-tabs.ts';
import styles from './player-bar.module.css';
import { PlayerBoundary } from './player-boundary.tsx';
import { player } from './player.ts';
import { mediaOf } from './player-media.ts';
import { isLive } from './player-state.ts';
import { SeekSlider } from './seek-slider.tsx';
import { listenToKeys } from './shortcuts.ts';
import { PlayButton, Transport } from './transport.tsx';
import { usePlayer } from './use-player.ts';

const LargePlayer = lazyPart(async () => (await import('./large-player.tsx')).LargePlayer);

const words = text.player;

/** The player of every view. It plays on where it cannot be shown. */
export function PlayerBar() {
  const isShown = usePlayer().source !== null;
  const { data: session } = useQuery(sessionQuery);
  const userId = session?.user.id;
  // Who it is may be known only once the server is back.
  useEffect(() => player.recall(), [userId]);
  // Who logs out is no longer played to.
  useEffect(() => () => player.leave(), []);
  useEffect(() => followMediaSession(mediaOf(player)), []);
  useEffect(() => listenToKeys(player), []);
  useEffect(() => takeTurns(player), []);
  if (!isShown) return null;
  return (
    <PlayerBoundary>
      <Bar />
    </PlayerBoundary>
  );
}

/** What plays, at the foot; pressed, it opens to all that there is to it. What plays after a stop begins closed. */
function Bar() {
  const state = usePlayer();
  const [isOpen, setOpen] = useState(false);
  const { source, part, positionS, durationS, problem, parts, partIndex } = state;
  if (source === null) return null;
  const title = part?.title ?? source.title;
  return (
    <section className={styles['bar']} aria-label={words.name} data-player>
      {!isLive(state) && (
        <div className={styles['line']} aria-hidden="true">
          <div style={{ width: `${String((100 * positionS) / Math.max(1, durationS))}%` }} />
        </div>
      )}
      <button type="button" className={styles['what']} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <span className={styles['cover']}>
          <Cover url={part?.coverUrl ?? coverOf(source)} title={title} />
        </span>
        <span className={styles['words']}>
          <span className={styles['title']}>
            <span className="visually-hidden">{words.open}</span> {title}
          </span>
          <span className={styles['below']}>{problem ?? belowOf(state)}</span>
        </span>
      </button>
      <div className={styles['few']}>
        <PlayButton />
        {parts.length > 1 && (
          <IconButton
            label={words.next}
            disabled={partIndex >= parts.length - 1}
            onClick={() => player.next()}
          >
            <Icon name="next" />
          </IconButton>
        )}
      </div>
      <div className={styles['all']}>
        <Transport />
        {!isLive(state) && <SeekSlider />}
      </div>
      <div className={styles['stop']}>
        <IconButton label={words.stop} onClick={() => player.stop()}>
          <Icon name="close" />
        </IconButton>
      </div>
      <p className="visually-hidden" role="status">
        {problem ?? (parts.length > 1 ? words.nowPlays(title) : '')}
      </p>
      {isOpen && (
        <Suspense>
          <LargePlayer onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </section>
  );
}

type State = ReturnType<typeof usePlayer>;

const coverOf = (source: NonNullable<State['source']>): string | undefined =>
  source.kind === 'file' ? source.coverUrl : undefined;

function belowOf(state: State): string {
  const { source, part, positionS, partIndex, parts, wentOnAtS, sleepEndS } = state;
  if (sleepEndS !== null) return words.sleepLeft(formatDuration(sleepEndS - positionS));
  if (wentOnAtS !== null) return words.wentOn(formatDuration(wentOnAtS));
  if (isLive(state)) return `${source?.title ?? ''} · ${words.playingFor(formatDuration(positionS))}`;
  const name = source !== null && source.title !== part?.title ? ` · ${source.title}` : '';
  return parts.length > 1
    ? `${words.track(partIndex + 1, parts.length)}${name}`
    : `${formatDuration(positionS)} / ${formatDuration(state.durationS)}`;
}
