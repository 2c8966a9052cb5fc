import { createEndless } from '../audio/endless.ts';
import { msToFrame } from '../audio/frame-pace.ts';
import type { FramePace } from '../audio/frame-pace.ts';
import { commonPace } from '../audio/frame-pace.ts';
import { readWindow } from '../audio/part-frames.ts';
import type { Timeline, TimelineEntry } from '../audio/timeline.ts';
import { AppError, isAppError, isNotFound } from '../domain/app-error.ts';
import { isEndless } from '../domain/play-mode.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import type { StoredStream } from '../domain/stream.ts';
import type { ScheduledQueue } from '../domain/stream-schedule.ts';
import { liveSeed } from './shuffle-seed.ts';
import type { Ports } from './ports.ts';
import type { PlayableFile } from './recent-queues.ts';
import { stillAskedFor } from './schedule-edit.ts';
import type { Listening, OrderPorts } from './stream-order.ts';
import { resolveParts } from './stream-parts.ts';

/** What a stream plays by the clock, before it is known by which seed. */
export interface StreamClock {
  readonly pace: FramePace;
  /** Oldest first; never empty. */
  readonly turns: readonly ClockTurn[];
}

/** A queue for as long as it plays. */
export interface ClockTurn {
  readonly mode: PlayMode;
  readonly entries: readonly PlayableFile[];
  readonly startFrame: number;
  readonly firstEpoch: number;
  readonly untilFrame: number;
}

/**
 * What is heard of a stream by the clock: its queue, where that has no end, and those before it that still play, or may
 * be asked for. Of the latter, files that have gone are left out: nobody can put them back into what was edited.
 *
 * @returns null where nothing plays without end (any more)
 * @throws missing_part when the queue that plays has gone from the store; conflict; storage_unavailable
 */
export async function findStreamClock(ports: OrderPorts, listening: Listening): Promise<StreamClock | null> {
  const { stream, playMode, queue, request } = listening;
  const current = queue.filter((entry) => entry !== null);
  const pace = commonPace(current.map(({ part }) => part));
  const { startFrame, firstEpoch } = stream.schedule ?? { startFrame: 0, firstEpoch: 0 };
  const hasEnd = !isEndless(playMode);
  const nowMs = ports.clock();
  const turns: ClockTurn[] = [];
  // Who asks for a mode that has an end, asks for the queue as it is.
  const asksForEnd = hasEnd && request.playMode !== undefined;
  for (const scheduled of asksForEnd ? [] : stillAskedFor(stream.schedule, pace, nowMs)) {
    const entries = await resolveScheduled(ports, stream, scheduled);
    if (entries.length === 0 || !isOfPace(entries, pace)) continue;
    const { playMode: ownMode, untilFrame } = scheduled;
    const mode = request.playMode === undefined ? ownMode : playMode;
    const { startFrame: start, firstEpoch: epoch } = scheduled;
    turns.push({ mode, entries, startFrame: start, firstEpoch: epoch, untilFrame });
  }
  if (hasEnd) {
    const playsUntil = turns.at(-1)?.untilFrame ?? 0;
    return playsUntil > msToFrame(nowMs, pace) ? { pace, turns } : null;
  }
  turns.push({ mode: playMode, entries: current, startFrame, firstEpoch, untilFrame: Infinity });
  return { pace, turns };
}

/** Everybody's seed, unless the request names another. */
export const clockSeed = (ports: Pick<Ports, 'secret'>, { request, stream }: Listening): number =>
  request.seed ?? liveSeed(ports, stream.tenantId, stream.name);

/** In the order of a seed; the same to the last frame wherever it is worked out. */
export const timelineOf = ({ turns }: StreamClock, seed: number): Timeline =>
  turns.map(({ mode, entries, startFrame, firstEpoch, untilFrame }): TimelineEntry => {
    const parts = entries.map(({ part }) => part);
    const endless = createEndless(parts, mode, seed);
    return { endless, originFrame: startFrame - firstEpoch * endless.epochFrames, untilFrame };
  });

/** What plays, or will, at a frame. */
export const turnAt = ({ turns }: StreamClock, frame: number): ClockTurn | undefined =>
  turns.find(({ untilFrame }) => frame < untilFrame);

/** A queue of other frames has numbers of its own: what comes after it is heard at once. */
const isOfPace = (entries: readonly PlayableFile[], pace: FramePace): boolean =>
  entries.every(
    ({ part }) => part.samplesPerFrame === pace.samplesPerFrame && part.sampleRateHz === pace.sampleRateHz,
  );

/** Those of its files that can be played, in order. */
async function resolveScheduled(
  ports: OrderPorts,
  stream: StoredStream,
  { queueKey, queueBytes }: ScheduledQueue,
): Promise<readonly PlayableFile[]> {
  const files = await readQueue(ports, queueKey, queueBytes);
  // Under a name that no stream has, so that it is held beside the queue that the stream has now.
  const edited = { ...stream, name: `${stream.name} ${queueKey}`, files, revision: queueKey };
  try {
    const entries = await resolveParts(ports, edited, { skipMissing: true, waitMs: 0 });
    return entries.filter((entry) => entry !== null);
  } catch (error) {
    if (isAppError(error, 'missing_part') || isAppError(error, 'not_ready')) return [];
    throw error;
  }
}

async function readQueue(ports: OrderPorts, key: string, sizeBytes: number): Promise<string[]> {
  try {
    const bytes = await readWindow({ key, sizeBytes }, { start: 0, endExclusive: sizeBytes }, ports.pieces);
    return JSON.parse(new TextDecoder().decode(bytes)) as string[];
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new AppError(
      'missing_part',
      'The queue that plays until an edit is heard has gone from the store.',
      {
        cause: error,
      },
    );
  }
}
