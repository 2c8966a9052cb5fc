import type { PlayablePart } from '../domain/audio-file.ts';
import type { Clock } from '../domain/clock.ts';
import type { ObjectStore } from '../domain/object-store.ts';

type StoredPart = Pick<PlayablePart, 'key' | 'sizeBytes'>;

/** Knows which parts are in the store, whole, as far as somebody looked in the last moments. */
export interface PartPresence {
  /** @throws storage_unavailable */
  findMissing(parts: Iterable<StoredPart>): Promise<Presence>;
  /** For parts that could not be read: whoever asks next looks for them again. */
  forget(parts: Iterable<Pick<StoredPart, 'key'>>): void;
  /** How often parts were forgotten. What was found out under another number is to be looked at again. */
  readonly timesForgotten: number;
}

export interface Presence {
  /** The keys of those that are absent or of another size. */
  readonly missing: ReadonlySet<string>;
  /** Until then the others count as there, without another look, */
  readonly presentUntilMs: number;
  /** as long as nothing was forgotten since. */
  readonly timesForgotten: number;
}

export interface PartPresenceOptions {
  /** For how long a part that was seen counts as there. */
  readonly trustMs?: number;
  /** Parts that are remembered, at most; half as many that were seen last are, at least. */
  readonly maxParts?: number;
  /** A part counts as there, as its record says, until it was forgotten: for stores where each look is a request. */
  readonly trustsRecords?: boolean;
}

interface Seen {
  readonly sizeBytes: number;
  readonly atMs: number;
}

/** What `ObjectStore.findMany` takes at a time. */
const BATCH = 5000;

/** Players ask for range after range: without a memory, each would look for every part of a long stream anew. */
export function createPartPresence(
  objects: Pick<ObjectStore, 'findMany'>,
  clock: Clock,
  { trustMs = 30_000, maxParts = 20_000, trustsRecords = false }: PartPresenceOptions = {},
): PartPresence {
  /** By key. Once there are too many, the older half is let go at once: to delete the oldest of a Map for each new one
   * takes longer than to look for a part, since a Map is walked past all that has been deleted. */
  let seen = new Map<string, Seen>();
  let seenBefore = new Map<string, Seen>();
  /** Where records are trusted: the keys of parts that could not be read, until they are seen. */
  const doubted = new Set<string>();
  let timesForgotten = 0;

  function remember({ key, sizeBytes }: StoredPart, atMs: number): void {
    if (doubted.size > 0) doubted.delete(key);
    seen.set(key, { sizeBytes, atMs });
    if (seen.size < maxParts / 2) return;
    seenBefore = seen;
    seen = new Map();
  }

  return {
    async findMissing(parts) {
      const startMs = clock();
      const timesForgottenBefore = timesForgotten;
      let oldestMs = startMs;
      const isRecent = ({ key, sizeBytes }: StoredPart) => {
        if (trustsRecords && !doubted.has(key)) return true;
        const last = seen.get(key) ?? seenBefore.get(key);
        if (last?.sizeBytes !== sizeBytes || last.atMs > startMs || startMs - last.atMs >= trustMs)
          return false;
        oldestMs = Math.min(oldestMs, last.atMs);
        return true;
      };
      const unknown: StoredPart[] = [];
      const sizes = new Map<string, number>();
      for (const part of parts) {
        // A queue may play a part many times.
        if (isRecent(part) || sizes.get(part.key) === part.sizeBytes) continue;
        sizes.set(part.key, part.sizeBytes);
        unknown.push(part);
      }

      const missing = new Set<string>();
      for (let start = 0; start < unknown.length; start += BATCH) {
        const batch = unknown.slice(start, start + BATCH);
        const found = await objects.findMany(batch.map(({ key }) => key));
        batch.forEach((part, place) => {
          if (found[place]?.sizeBytes === part.sizeBytes) remember(part, startMs);
          else missing.add(part.key);
        });
      }
      return { missing, presentUntilMs: oldestMs + trustMs, timesForgotten: timesForgottenBefore };
    },

    forget(parts) {
      timesForgotten += 1;
      for (const { key } of parts) {
        seen.delete(key);
        seenBefore.delete(key);
        if (trustsRecords) doubted.add(key);
      }
      dropOldest(doubted, maxParts);
    },

    get timesForgotten() {
      return timesForgotten;
    },
  };
}

/** Lets go of what came first, where there is more than may be. */
function dropOldest(kept: Set<string>, maxSize: number): void {
  if (kept.size <= maxSize) return;
  for (const oldest of kept) {
    kept.delete(oldest);
    if (kept.size <= maxSize) return;
  }
}
