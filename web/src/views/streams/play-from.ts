import { queryClient } from '../../api/query-client.ts';
import type { Queue } from '../../api/types.ts';
import { toasts } from '../../controls/toast-store.ts';
import { player } from '../../player/player.ts';
import type { StreamEditing } from './stream-editing.ts';
import { isShuffled } from '../../api/play-mode.ts';
import { planQuery } from './stream-queries.ts';

/** Plays the stream from one entry on: where it comes in the order that is heard. */
export async function playFrom(
  { name, title, files, play_mode: playMode }: Queue,
  editing: StreamEditing,
  index: number,
): Promise<void> {
  try {
    await editing.settled();
    const { tracks } = await queryClient.fetchQuery({ ...planQuery(name, playMode), staleTime: 0 });
    const track = isShuffled(playMode)
      ? tracks.find(({ filename }) => filename === files[index])
      : tracks[index];
    await player.playStream({ name, playMode, ...(title !== undefined && { title }) }, track?.start_s ?? 0);
  } catch (error) {
    toasts.problem(error);
  }
}
