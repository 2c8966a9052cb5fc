import type { MediaPlayer } from './media-session.ts';
import type { player as thePlayer } from './player.ts';
import { isLive } from './player-state.ts';
import { BACK_S, FORWARD_S } from './transport.tsx';

/** The one player, for the keys of the device and its lock screen. */
export const mediaOf = (player: typeof thePlayer): MediaPlayer => ({
  subscribe: player.subscribe,
  getShown: () => {
    const state = player.getState();
    const { source, part, isPlaying, positionS, durationS, rate } = state;
    if (source === null) return null;
    const hasEnd = !isLive(state) && durationS > 0;
    return {
      title: part?.title ?? source.title,
      artist: source.title,
      coverUrl: part?.coverUrl ?? (source.kind === 'file' ? source.coverUrl : undefined),
      isPlaying,
      time: hasEnd
        ? { duration: durationS, position: Math.min(positionS, durationS), playbackRate: rate }
        : null,
    };
  },
  actions: {
    play: () => player.resume(),
    pause: () => player.pause(),
    stop: () => player.stop(),
    previoustrack: () => player.previous(),
    nexttrack: () => player.next(),
    seekbackward: ({ seekOffset = BACK_S }) => player.skipBy(-seekOffset),
    seekforward: ({ seekOffset = FORWARD_S }) => player.skipBy(seekOffset),
    seekto: ({ seekTime = 0 }) => player.seek(seekTime),
  },
});
