import type { MediaPlayer } from '../../player/media-session.ts';
import type { LinkedAudio } from './linked-audio.ts';
import type { ListenPlayer } from './listen-player.ts';

/** What a link opens, for the keys of the device and its lock screen: the same four things that the page has. */
export const mediaOf = (player: ListenPlayer, { title: whole, tracks }: LinkedAudio): MediaPlayer => ({
  subscribe: player.subscribe,
  getShown: () => {
    const { track, isPlaying } = player.getState();
    return track && { title: track.title, artist: whole, coverUrl: track.cover_url, isPlaying, time: null };
  },
  actions: {
    play: () => player.play(),
    pause: () => player.pause(),
    ...(tracks.length > 1 && {
      previoustrack: () => player.skipBy(-1),
      nexttrack: () => player.skipBy(1),
    }),
  },
});
