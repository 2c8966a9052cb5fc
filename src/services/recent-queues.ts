import type { JoinablePart, QueuedFile } from '../domain/audio-file.ts';
import type { StoredStream } from '../domain/stream.ts';
import { createBoundedCache } from './bounded-cache.ts';
import { createUpcomingStreams } from './upcoming-streams.ts';
import type { UpcomingStreams } from './upcoming-streams.ts';

/** A file of a queue that can be played. */
export interface PlayableFile extends QueuedFile {
  readonly part: JoinablePart;
}

/** By place in the queue; null where a missing file is left out. */
export type ResolvedQueue = readonly (PlayableFile | null)[];

/** A queue of which every part was there. */
export interface WholeQueue {
  readonly entries: readonly PlayableFile[];
  /** Until then its parts count as there, as `PartPresence` has it, and as long as this is its number. */
  readonly presentUntilMs: number;
  readonly timesForgotten: number;
}

/**
 * What was worked out lately for whoever listened: queues with their records, and plans of them. Bounded, shared by
 * all listeners, needed by none: what is not held is worked out anew, to the same result.
 */
export interface RecentQueues {
  /**
   * The queue of just this definition, with records that are as they were.
   * @param libraryVersion what `AudioFileStore.version` tells now: what was held under another is not found any more
   */
  find(libraryVersion: string, stream: StoredStream): WholeQueue | undefined;
  /**
   * @param libraryVersion told before any of the records was read, so that a write in between makes it another
   * @returns what stands for the queue from now on. Where the very same records were held of this stream, under whatever
   * version and revision, it is that array, and plans of it stay: an edit elsewhere has changed nothing in them.
   */
  hold(libraryVersion: string, stream: StoredStream, queue: WholeQueue): WholeQueue;
  /**
   * What `make` makes of this queue, or has made of it before; of one that is not held, always anew.
   * @param queue the very array that is held, which stands for all that went into it
   * @param key all that decides the plan beside the queue
   * @param weigh as how many entries the plan counts; default as many as the queue has
   */
  plan<Plan>(
    stream: StoredStream,
    queue: ResolvedQueue,
    key: string,
    make: () => Promise<Plan>,
    weigh?: (plan: Plan) => number,
  ): Promise<Plan>;
  readonly upcoming: UpcomingStreams;
}

export interface RecentQueuesOptions {
  /** Of all queues that are held, and of all plans: some 300 bytes for each entry or track. */
  readonly maxEntries?: number;
}

const MAX_ENTRIES = 40_000;

/**
 * Players ask for range after range, and to look at thousands of records and to plan them takes longer than all the
 * rest of an answer.
 */
export function createRecentQueues({ maxEntries = MAX_ENTRIES }: RecentQueuesOptions = {}): RecentQueues {
  const queues = createBoundedCache<HeldQueue>(maxEntries);
  const plans = createBoundedCache<{ readonly queue: ResolvedQueue; readonly plan: unknown }>(maxEntries);
  let lastVersion: string | undefined;
  /** Counts the changes of the version: one that is told again later does not stand for what was held before. */
  let era = 0;

  function useVersion(libraryVersion: string): void {
    if (libraryVersion === lastVersion) return;
    era += 1;
    lastVersion = libraryVersion;
  }

  return {
    find(libraryVersion, stream) {
      useVersion(libraryVersion);
      const held = queues.get(idOf(stream));
      return held?.era === era && held.revision === stream.revision ? held.whole : undefined;
    },

    hold(libraryVersion, stream, queue) {
      useVersion(libraryVersion);
      const id = idOf(stream);
      const before = queues.get(id)?.whole.entries;
      const whole =
        before !== undefined && isSame(before, queue.entries) ? { ...queue, entries: before } : queue;
      queues.set(id, { era, revision: stream.revision, whole }, whole.entries.length);
      return whole;
    },

    async plan<Plan>(
      stream: StoredStream,
      queue: ResolvedQueue,
      key: string,
      make: () => Promise<Plan>,
      weigh: (plan: Plan) => number = () => queue.length,
    ): Promise<Plan> {
      const id = idOf(stream);
      const planId = `${id} ${key}`;
      const made = plans.get(planId);
      if (made?.queue === queue) return made.plan as Plan;
      const plan = await make();
      if (queues.get(id)?.whole.entries === queue) plans.set(planId, { queue, plan }, weigh(plan));
      return plan;
    },

    upcoming: createUpcomingStreams(),
  };
}

interface HeldQueue {
  readonly era: number;
  readonly revision: string;
  readonly whole: WholeQueue;
}

/** Records are never changed: another one is another object. */
const isSame = (before: readonly PlayableFile[], now: readonly PlayableFile[]): boolean =>
  before.length === now.length && before.every((file, place) => file === now[place]);

const idOf = ({ tenantId, name }: StoredStream): string => `${tenantId}/${name}`;
