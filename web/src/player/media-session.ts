import { ownAddress } from '../api/own-address.ts';
import type { player as thePlayer } from './player.ts';
import { isLive } from './player-state.ts';
import { BACK_S, FORWARD_S } from './transport.tsx';

type Player = typeof thePlayer;

/** Keys of the keyboard, of headphones and of the lock screen; and what the lock screen shows. @returns what ends it */
export function followMediaSession(player: Player): () => void {
  if (!('mediaSession' in navigator)) return () => undefined;
  const session = navigator.mediaSession;
  const actions: Partial<Record<MediaSessionAction, MediaSessionActionHandler>> = {
    play: () => player.resume(),
    pause: () => player.pause(),
    stop: () => player.stop(),
    previoustrack: () => player.previous(),
    nexttrack: () => player.next(),
    seekbackward: ({ seekOffset = BACK_S }) => player.skip(-seekOffset),
    seekforward: ({ seekOffset = FORWARD_S }) => player.skip(seekOffset),
    seekto: ({ seekTime = 0 }) => player.seek(seekTime),
  };
  for (const [action, handler] of Object.entries(actions)) setHandler(session, action, handler);
  let shown = '';
  const show = (): void => {
    const state = player.getState();
    const { source, part, isPlaying, positionS, durationS, rate, partIndex } = state;
    session.playbackState = source === null ? 'none' : isPlaying ? 'playing' : 'paused';
    const said = JSON.stringify([source?.kind, source?.name, partIndex, part?.title]);
    if (said !== shown) {
      shown = said;
      session.metadata = source === null ? null : metadataOf(state);
    }
    // Without an end there is nothing to seek.
    if (source === null || isLive(state) || durationS === 0) session.setPositionState();
    else {
      const position = Math.min(positionS, durationS);
      session.setPositionState({ duration: durationS, position, playbackRate: rate });
    }
  };
  show();
  const unsubscribe = player.subscribe(show);
  return () => {
    unsubscribe();
    for (const action of Object.keys(actions)) setHandler(session, action, null);
  };
}

function setHandler(session: MediaSession, action: string, handler: MediaSessionActionHandler | null): void {
  try {
    session.setActionHandler(action as MediaSessionAction, handler);
  } catch {
    // This browser has no such key.
  }
}

function metadataOf({ source, part }: ReturnType<Player['getState']>): MediaMetadata {
  const title = part?.title ?? source?.title ?? '';
  const cover = part?.coverUrl ?? (source?.kind === 'file' ? source.coverUrl : undefined);
  return new MediaMetadata({
    title,
    artist: source?.title === title ? '' : (source?.title ?? ''),
    artwork: cover === undefined ? [] : [{ src: new URL(ownAddress(cover), location.href).href }],
  });
}
