import { useSyncExternalStore } from 'react';
import type { StreamSummary } from '../../api/types.ts';
import { player } from '../../player/player.ts';

/** Only the answer is watched, so that a view is not drawn anew with every second that plays. */
export const useIsPlaying = (name: string): boolean =>
  useSyncExternalStore(player.subscribe, () => player.getState().isPlaying && isSource(name));

/** Which track in the order that is heard, from 0, without end; -1 while this stream does not play. */
export const usePlayingTrack = (name: string): number =>
  useSyncExternalStore(player.subscribe, () => (isSource(name) ? player.getState().partIndex : -1));

export function togglePlaying({
  name,
  title,
  play_mode: playMode,
}: Pick<StreamSummary, 'name' | 'title' | 'play_mode'>): void {
  if (isSource(name)) player.toggle();
  else void player.playStream({ name, playMode, ...(title !== undefined && { title }) });
}

function isSource(name: string): boolean {
  const { source } = player.getState();
  return source?.kind === 'stream' && source.name === name;
}
