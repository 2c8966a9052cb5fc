import { createEndless } from '../audio/endless.ts';
import { commonPace, msToFrame } from '../audio/frame-pace.ts';
import type { FramePace } from '../audio/frame-pace.ts';
import { listedUntilMs } from '../audio/hls-segments.ts';
import { readWindow } from '../audio/part-frames.ts';
import type { Timeline, TimelineEntry } from '../audio/timeline.ts';
import { AppError, isAppError, isNotFound } from '../domain/app-error.ts';
import { isEndless } from '../domain/play-mode.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import type { StoredStream } from '../domain/stream.ts';
import { decodeScheduledQueue } from '../domain/stream-schedule.ts';
import type { ScheduledQueue } from '../domain/stream-schedule.ts';
import { liveSeed } from './shuffle-seed.ts';
import type { Ports } from './ports.ts';
import type { PlayableFile } from './recent-queues.ts';
import { stillAskedFor } from './schedule-edit.ts';
import type { Asked, Listening, OrderPorts } from './stream-order.ts';
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
  const { stream, playMode, queue } = listening;
  const entries = queue.filter((entry) => entry !== null);
  const pace = commonPace(entries.map(({ part }) => part));
  // A queue of other frames has numbers of its own: what comes after it is heard at once.
  const turns = (await findTurnsBefore(ports, listening)).filter((turn) => isSamePace(paceOf(turn), pace));
  if (!isEndless(playMode)) {
    const playsUntil = turns.at(-1)?.untilFrame ?? 0;
    return playsUntil > msToFrame(ports.clock(), pace) ? { pace, turns } : null;
  }
  const { startFrame, firstEpoch } = stream.schedule ?? { startFrame: 0, firstEpoch: 0 };
  return {
    pace,
    turns: [...turns, { mode: playMode, entries, startFrame, firstEpoch, untilFrame: Infinity }],
  };
}

/**
 * What is heard until an edit is, where that is after all that is listed yet. Whether the stream's own queue can be played
 * does not matter until then: it may hold what is still being taken in.
 * @returns null where the queue is heard by now, or soon
 */
export async function findClockUntilEdit(ports: OrderPorts, asked: Asked): Promise<StreamClock | null> {
  const next = asked.stream.schedule?.before.at(-1);
  if (next === undefined || next.untilMs < listedUntilMs(ports.clock())) return null;
  const turns = await findTurnsBefore(ports, asked);
  const last = turns.at(-1);
  if (last?.untilFrame !== next.untilFrame) return null;
  const pace = paceOf(last);
  return { pace, turns: turns.filter((turn) => isSamePace(paceOf(turn), pace)) };
}

async function findTurnsBefore(
  ports: OrderPorts,
  { request, stream, playMode }: Asked,
): Promise<ClockTurn[]> {
  // Who asks for a mode that has an end, asks for the queue as it is.
  if (request.playMode !== undefined && !isEndless(playMode)) return [];
  const turns: ClockTurn[] = [];
  for (const scheduled of stillAskedFor(stream.schedule, ports.clock())) {
    const entries = await resolveScheduled(ports, stream, scheduled);
    if (entries.length === 0) continue;
    const mode = request.playMode === undefined ? scheduled.playMode : playMode;
    const { startFrame, firstEpoch, untilFrame } = scheduled;
    turns.push({ mode, entries, startFrame, firstEpoch, untilFrame });
  }
  return turns;
}

const paceOf = ({ entries }: ClockTurn): FramePace => commonPace(entries.map(({ part }) => part));

const isSamePace = (a: FramePace, b: FramePace): boolean =>
  a.samplesPerFrame === b.samplesPerFrame && a.sampleRateHz === b.sampleRateHz;

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

async function readQueue(ports: OrderPorts, key: string, sizeBytes: number): Promise<readonly string[]> {
  try {
    const bytes = await readWindow({ key, sizeBytes }, { start: 0, endExclusive: sizeBytes }, ports.pieces);
    return decodeScheduledQueue(bytes);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const lost =
      'The queue that plays until an edit is heard has gone from the store: empty the queue, and fill it again.';
    throw new AppError('missing_part', lost, { cause: error });
  }
}
