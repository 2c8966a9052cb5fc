import { createHash } from 'node:crypto';
import { framesToMs, msToFrame } from '../audio/frame-pace.ts';
import { KEEP_PLAYED_MS, listedUntilMs } from '../audio/hls-segments.ts';
import type { JoinablePart } from '../domain/audio-file.ts';
import { scheduledQueueKey } from '../domain/object-key.ts';
import { isEndless } from '../domain/play-mode.ts';
import { RETIRED_FOR_MS } from '../domain/retired-object.ts';
import type { StoredStream, StreamDefinition } from '../domain/stream.ts';
import { encodeScheduledQueue, MAX_SCHEDULED_QUEUES } from '../domain/stream-schedule.ts';
import type { ScheduledQueue, StreamSchedule } from '../domain/stream-schedule.ts';
import type { Ports } from './ports.ts';
import { findFiles } from './stream-files.ts';

export type SchedulePorts = Pick<Ports, 'audioFiles' | 'objects' | 'retired' | 'clock'>;

/**
 * The definition with the schedule of what is heard by the clock. Where a stream without end gets another queue or mode,
 * the one that it had plays on to the end of its epoch, or of the first epoch that ends after all that is listed already;
 * it is kept in an object of its own until then. Of several edits before that end, the last one counts.
 *
 * At once is heard: an edit of a stream that had an end or could not be played, and a queue that is emptied.
 * @param current what is there; null for a new stream, which takes over how far an imported one has come, nothing more
 * @throws storage_unavailable, insufficient_storage
 */
export async function scheduleEdit(
  ports: SchedulePorts,
  current: StoredStream | null,
  changed: StreamDefinition,
): Promise<StreamDefinition> {
  const { schedule: brought, ...definition } = changed;
  if (current === null) {
    return brought === undefined ? definition : { ...definition, schedule: { ...brought, before: [] } };
  }
  const schedule = await scheduleAfter(ports, current, definition);
  return schedule === undefined ? definition : { ...definition, schedule };
}

async function scheduleAfter(
  ports: SchedulePorts,
  current: StoredStream,
  changed: StreamDefinition,
): Promise<StreamSchedule | undefined> {
  const { schedule } = current;
  if (isSameQueue(current, changed)) return schedule;
  if (changed.files.length === 0) return schedule && { ...schedule, before: [] };
  const nowMs = ports.clock();
  const before = stillAskedFor(schedule, nowMs);
  const { startFrame, firstEpoch } = schedule ?? { startFrame: 0, firstEpoch: 0 };
  const atOnce = schedule && { startFrame, firstEpoch, before };
  if (!isEndless(current.playMode)) return atOnce;
  const parts = await findParts(ports, current);
  const epochFrames = parts.reduce((sum, { frameCount }) => sum + frameCount, 0);
  const [pace] = parts;
  if (pace === undefined || epochFrames === 0) return atOnce;
  const listedUntil = msToFrame(listedUntilMs(nowMs), pace);
  // Nobody has been told of what plays from then on.
  if (startFrame >= listedUntil) return atOnce;
  const epochs = Math.ceil((listedUntil - startFrame) / epochFrames);
  const untilFrame = startFrame + epochs * epochFrames;
  const untilMs = Math.ceil(framesToMs(untilFrame, pace));
  const kept = await keepQueue(ports, current, untilFrame, untilMs);
  const { playMode } = current;
  const queue: ScheduledQueue = { ...kept, playMode, startFrame, firstEpoch, untilFrame, untilMs };
  return {
    before: [...before, queue].slice(-MAX_SCHEDULED_QUEUES),
    startFrame: untilFrame,
    firstEpoch: firstEpoch + epochs,
  };
}

const isSameQueue = (a: StreamDefinition, b: StreamDefinition): boolean =>
  a.playMode === b.playMode &&
  a.files.length === b.files.length &&
  a.files.every((filename, place) => filename === b.files[place]);

/** Queues of which something may still be asked for. */
export const stillAskedFor = (
  schedule: StreamSchedule | undefined,
  nowMs: number,
): readonly ScheduledQueue[] =>
  schedule?.before.filter(({ untilMs }) => untilMs > nowMs - KEEP_PLAYED_MS) ?? [];

/** The parts that play, in the order of the queue; none where one is missing, since then nothing does. */
async function findParts(ports: SchedulePorts, stream: StoredStream): Promise<JoinablePart[]> {
  const files = await findFiles(ports, stream.tenantId, stream.files);
  const parts = stream.files.flatMap((filename) => files.get(filename)?.part ?? []);
  return parts.length === stream.files.length ? parts : [];
}

/**
 * Puts the queue into an object that goes a day after it was last heard, by the sweep of all that is retired. No other
 * edit names the same one at another time, so that none is swept while it plays.
 */
async function keepQueue(
  ports: SchedulePorts,
  { files }: StoredStream,
  untilFrame: number,
  untilMs: number,
): Promise<Pick<ScheduledQueue, 'queueKey' | 'queueBytes'>> {
  const bytes = encodeScheduledQueue(files, untilFrame);
  const queueKey = scheduledQueueKey(createHash('sha256').update(bytes).digest('hex'));
  // First, so that no object is forgotten when this breaks off.
  await ports.retired.add({ key: queueKey, sweepAtMs: untilMs + RETIRED_FOR_MS });
  await ports.objects.write(queueKey, [bytes]);
  return { queueKey, queueBytes: bytes.length };
}
