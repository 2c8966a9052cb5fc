import { boundTimeline } from '../audio/bounded-timeline.ts';
import { cutStretches } from '../audio/cut-stretches.ts';
import type { Endless } from '../audio/endless.ts';
import type { TimedChunk } from '../audio/endless-reader.ts';
import { decodeFrameIndex } from '../audio/frame-index.ts';
import type { FrameIndex } from '../audio/frame-index.ts';
import { msToFrame } from '../audio/frame-pace.ts';
import { IcyInterleaver } from '../audio/icy.ts';
import { pace } from '../audio/pacer.ts';
import type { PlanPart } from '../audio/plan-part.ts';
import { stretchesUntilSleep } from '../audio/sleep.ts';
import type { SleepTimer } from '../audio/sleep.ts';
import { planStream } from '../audio/stream-plan.ts';
import type { JoinedBytes, StreamPlan } from '../audio/stream-plan.ts';
import { readPlan } from '../audio/stream-reader.ts';
import { stretchesBetween } from '../audio/stretch.ts';
import type { Timeline } from '../audio/timeline.ts';
import { readTimeline } from '../audio/timeline-reader.ts';
import { AppError, isNotFound, ValidationError } from '../domain/app-error.ts';
import { frameIndexKey } from '../domain/object-key.ts';
import type { ByteRange } from '../domain/object-store.ts';
import { isEndless } from '../domain/play-mode.ts';
import { mapChunks, translateErrors } from './chunk-iteration.ts';
import type { Ports } from './ports.ts';

export type SourcePorts = Pick<Ports, 'objects' | 'pieces' | 'recentIndexes' | 'clock'>;

/** Sent at once. */
const BURST_MS = 10_000;
/** From then on: chunks play for four seconds, so that the next is sent when there are seven ahead, up to eleven. */
const AHEAD_MS = 7000;

/** The bytes of a finite stream. @throws missing_part for a part that has gone since it was looked for */
export function readFinite(
  ports: SourcePorts,
  plan: JoinedBytes,
  range: ByteRange,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  return partsGone(readPlan(plan, range, ports.pieces, signal));
}

export interface EndlessRequest {
  readonly fromFrame: number;
  /** Of the parts, put between the bytes (icy.ts). */
  readonly titles?: ReadonlyMap<PlanPart, string> | undefined;
  /** So long, an answer may be on its way: it ends with a track (`boundTimeline`). */
  readonly maxMs?: number | undefined;
}

/** What plays from a frame on, at playing speed after a burst of 10 s; without end, unless the timeline has one. */
export function openEndless(
  ports: SourcePorts,
  timeline: Timeline,
  { fromFrame, titles, maxMs = Infinity }: EndlessRequest,
): (signal: AbortSignal) => AsyncIterable<Uint8Array> {
  const played = maxMs === Infinity ? { timeline, durationMs: 0 } : boundTimeline(timeline, fromFrame, maxMs);
  // A track that is longer than an answer may be on its way comes as much sooner.
  const soonerMs = Math.max(0, played.durationMs - maxMs);
  return (signal) => {
    const loadIndex = (part: PlanPart) => loadFrameIndex(ports, part, signal);
    const options = { burstMs: BURST_MS + soonerMs, loadIndex, signal };
    const source = readTimeline(played.timeline, fromFrame, ports.pieces, options);
    const paced = pace(source, { burstMs: AHEAD_MS + soonerMs, clock: ports.clock, signal });
    return partsGone(
      titles === undefined ? mapChunks(paced, ({ bytes }) => bytes) : withTitles(paced, titles),
    );
  };
}

export interface PlanRequest {
  /** Rounded down to a frame; default 0. */
  readonly fromMs?: number | undefined;
  /** Makes an endless mode finite. Without it, of an endless mode one turn is planned. */
  readonly sleep?: SleepTimer | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The finite MP3 of a stream from a time on, with an Info frame and an ETag of its own.
 * @throws {ValidationError} for a time past the end of a finite mode; missing_part; storage_unavailable
 */
export async function planFrom(
  ports: SourcePorts,
  endless: Endless,
  { fromMs = 0, sleep, signal }: PlanRequest,
): Promise<StreamPlan> {
  const start = msToFrame(fromMs, endless.pace);
  if (!isEndless(endless.mode) && start >= endless.epochFrames) {
    throw new ValidationError('from', 'The audio ends before this time.');
  }
  const turnEnd = isEndless(endless.mode) ? start + endless.epochFrames : endless.epochFrames;
  const stretches =
    sleep === undefined
      ? stretchesBetween(endless, start, turnEnd)
      : stretchesUntilSleep(endless, start, sleep);
  const loadIndex = (part: PlanPart) => loadFrameIndex(ports, part, signal);
  return planStream(await cutStretches(stretches, ports.pieces, { loadIndex, signal }), { sleep });
}

function withTitles(
  chunks: AsyncIterable<TimedChunk>,
  titles: ReadonlyMap<PlanPart, string>,
): AsyncIterable<Uint8Array> {
  const icy = new IcyInterleaver();
  return mapChunks(chunks, ({ bytes, track }) => icy.interleave(bytes, titles.get(track.part) ?? ''));
}

/** @throws missing_part; storage_unavailable */
export async function loadFrameIndex(
  ports: Pick<Ports, 'objects' | 'recentIndexes'>,
  part: Pick<PlanPart, 'sha256'>,
  signal: AbortSignal | undefined,
): Promise<FrameIndex> {
  const held = ports.recentIndexes.find(part.sha256);
  if (held !== undefined) return held;
  const chunks: Uint8Array[] = [];
  for await (const chunk of partsGone(ports.objects.read(frameIndexKey(part.sha256), undefined, signal))) {
    chunks.push(chunk);
  }
  const index = decodeFrameIndex(Buffer.concat(chunks));
  ports.recentIndexes.hold(part.sha256, index);
  return index;
}

/** A listener learns that a part is missing, not that some object is not found. */
export const partsGone = (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
  translateErrors(chunks, (error) => {
    if (!isNotFound(error)) throw error;
    throw new AppError('missing_part', 'A part of this stream has gone from the store.', { cause: error });
  });
