import type { FrameIndex } from '../audio/frame-index.ts';
import { createBoundedCache } from './bounded-cache.ts';

/** Frame indexes that were read lately, by the hash of their parts, which never change. Bounded, and needed by none. */
export interface RecentIndexes {
  find(sha256: string): FrameIndex | undefined;
  hold(sha256: string, index: FrameIndex): void;
}

/** Of all together, 8 bytes each: an hour of audio has some 2,200. */
const MAX_OFFSETS = 250_000;

/** Whoever plays by segments comes back to the same part every ten seconds, and cuts it twice. */
export function createRecentIndexes(maxOffsets = MAX_OFFSETS): RecentIndexes {
  const held = createBoundedCache<FrameIndex>(maxOffsets);
  return {
    find: (sha256) => held.get(sha256),
    hold: (sha256, index) => held.set(sha256, index, index.offsets.length),
  };
}
