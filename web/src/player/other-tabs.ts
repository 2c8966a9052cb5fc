interface Playing {
  subscribe(listener: () => void): () => void;
  getState(): { readonly isPlaying: boolean };
  pause(): void;
}

const BEGUN = 'begun';

/** The other tabs of this browser, which are heard from the same speakers. */
const tabs = new BroadcastChannel('earshot-player');

/** Who begins is heard: whatever plays in another tab pauses. @returns what ends it */
export function takeTurns(player: Playing): () => void {
  let wasPlaying = false;
  const tell = (): void => {
    const { isPlaying } = player.getState();
    if (isPlaying && !wasPlaying) tabs.postMessage(BEGUN);
    wasPlaying = isPlaying;
  };
  const hear = ({ data }: MessageEvent<unknown>): void => {
    if (data === BEGUN && player.getState().isPlaying) player.pause();
  };
  const unsubscribe = player.subscribe(tell);
  tabs.addEventListener('message', hear);
  return () => {
    unsubscribe();
    tabs.removeEventListener('message', hear);
  };
}
