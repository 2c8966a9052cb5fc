import { isScheduledQueueKey } from './object-key.ts';
import { isEndless, isPlayMode } from './play-mode.ts';
import type { PlayMode } from './play-mode.ts';

/**
 * What plays when in an endless stream that everybody hears by one clock, whose frames are counted from the beginning of
 * 1970. An edit is heard from the end of an epoch on: until then, the queue that was there before plays.
 */
export interface StreamSchedule {
  /** Queues that played before the definition's own and may still be asked for, oldest first. */
  readonly before: readonly ScheduledQueue[];
  /** The frame at which an epoch of the definition's own queue begins; none of it is heard before, if one is to end then. */
  readonly startFrame: number;
  /** That epoch's number: orders go on where those of the queue before left off. */
  readonly firstEpoch: number;
}

/** A queue that was edited while it played. */
export interface ScheduledQueue {
  /** The object that holds its file names (`encodeScheduledQueue`), and how long that is. */
  readonly queueKey: string;
  readonly queueBytes: number;
  readonly playMode: PlayMode;
  /** As of the schedule. */
  readonly startFrame: number;
  readonly firstEpoch: number;
  /** From this frame on, what comes after it plays. */
  readonly untilFrame: number;
  /** When that is, in milliseconds of 1970, rounded up. */
  readonly untilMs: number;
}

/** More edits than these, each heard for a moment, do not fit into the minutes that segments are asked for. */
export const MAX_SCHEDULED_QUEUES = 8;

/** The object of a queue that plays on until `untilFrame`: JSON in UTF-8. */
export const encodeScheduledQueue = (files: readonly string[], untilFrame: number): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ until_frame: untilFrame, files }));

/** The file names in it. */
export const decodeScheduledQueue = (bytes: Uint8Array): readonly string[] =>
  (JSON.parse(new TextDecoder().decode(bytes)) as { readonly files: readonly string[] }).files;

/** As it stands in files, items and exports, beside `files`: JSON in snake_case. */
export type ScheduleFields = {
  readonly start_frame: number;
  readonly first_epoch: number;
  readonly before: readonly {
    readonly queue_key: string;
    readonly queue_bytes: number;
    readonly play_mode: PlayMode;
    readonly start_frame: number;
    readonly first_epoch: number;
    readonly until_frame: number;
    readonly until_ms: number;
  }[];
};

export const encodeSchedule = ({ before, startFrame, firstEpoch }: StreamSchedule): ScheduleFields => ({
  start_frame: startFrame,
  first_epoch: firstEpoch,
  before: before.map((queue) => ({
    queue_key: queue.queueKey,
    queue_bytes: queue.queueBytes,
    play_mode: queue.playMode,
    start_frame: queue.startFrame,
    first_epoch: queue.firstEpoch,
    until_frame: queue.untilFrame,
    until_ms: queue.untilMs,
  })),
});

/** Reads what `encodeSchedule` wrote; null for anything else. */
export function decodeSchedule(value: unknown): StreamSchedule | null {
  if (!isFields(value)) return null;
  const { before, start_frame: startFrame, first_epoch: firstEpoch } = value;
  if (!isCount(startFrame) || !isCount(firstEpoch)) return null;
  if (!Array.isArray(before) || before.length > MAX_SCHEDULED_QUEUES) return null;
  const queues = before.map(decodeQueue);
  return queues.includes(null)
    ? null
    : { startFrame, firstEpoch, before: queues.filter((each) => each !== null) };
}

function decodeQueue(value: unknown): ScheduledQueue | null {
  if (!isFields(value)) return null;
  const { queue_key: queueKey, queue_bytes: queueBytes, play_mode: playMode } = value;
  const { start_frame: startFrame, first_epoch: firstEpoch } = value;
  const { until_frame: untilFrame, until_ms: untilMs } = value;
  if (typeof queueKey !== 'string' || !isScheduledQueueKey(queueKey)) return null;
  if (typeof playMode !== 'string' || !isPlayMode(playMode) || !isEndless(playMode)) return null;
  if (!isCount(queueBytes) || !isCount(startFrame) || !isCount(firstEpoch)) return null;
  if (!isCount(untilFrame) || !isCount(untilMs)) return null;
  return { queueKey, queueBytes, playMode, startFrame, firstEpoch, untilFrame, untilMs };
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
