import { ownAddress } from '../api/own-address.ts';

/** What the lock screen shows. */
export interface ShownMedia {
  readonly title: string;
  /** What it is a part of; may be empty. */
  readonly artist: string;
  readonly coverUrl: string | undefined;
  readonly isPlaying: boolean;
  /** Of what has an end; else there is nothing to seek. */
  readonly time: Required<MediaPositionState> | null;
}

export interface MediaPlayer {
  readonly subscribe: (listener: () => void) => () => void;
  /** Null while there is nothing to be played. */
  readonly getShown: () => ShownMedia | null;
  readonly actions: Partial<Record<MediaSessionAction, MediaSessionActionHandler>>;
}

/** Keys of the keyboard, of headphones and of the lock screen; and what the lock screen shows. @returns what ends it */
export function followMediaSession({ subscribe, getShown, actions }: MediaPlayer): () => void {
  if (!('mediaSession' in navigator)) return () => undefined;
  const session = navigator.mediaSession;
  for (const [action, handler] of Object.entries(actions)) setHandler(session, action, handler);
  let said = '';
  const show = (): void => {
    const shown = getShown();
    session.playbackState = shown === null ? 'none' : shown.isPlaying ? 'playing' : 'paused';
    const toSay = JSON.stringify(shown && [shown.title, shown.artist, shown.coverUrl]);
    if (toSay !== said) {
      said = toSay;
      session.metadata = shown === null ? null : metadataOf(shown);
    }
    session.setPositionState(shown?.time ?? undefined);
  };
  show();
  const unsubscribe = subscribe(show);
  return () => {
    unsubscribe();
    for (const action of Object.keys(actions)) setHandler(session, action, null);
    session.metadata = null;
    session.playbackState = 'none';
  };
}

function setHandler(session: MediaSession, action: string, handler: MediaSessionActionHandler | null): void {
  try {
    session.setActionHandler(action as MediaSessionAction, handler);
  } catch {
    // This browser has no such key.
  }
}

const metadataOf = ({ title, artist, coverUrl }: ShownMedia): MediaMetadata =>
  new MediaMetadata({
    title,
    artist: artist === title ? '' : artist,
    artwork: coverUrl === undefined ? [] : [{ src: new URL(ownAddress(coverUrl), location.href).href }],
  });
