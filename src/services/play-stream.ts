import { createEndless } from '../audio/endless.ts';
import { msToFrame } from '../audio/frame-pace.ts';
import type { StreamPlan } from '../audio/stream-plan.ts';
import { findHeldOfPlan } from '../audio/stream-reader.ts';
import { endOfTimeline } from '../audio/timeline.ts';
import type { Timeline } from '../audio/timeline.ts';
import { ValidationError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import type { ByteRange } from '../domain/object-store.ts';
import { isEndless, isShuffled } from '../domain/play-mode.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import type { StoredStream } from '../domain/stream.ts';
import type { JsonObject } from '../domain/request.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { authorizePlayback } from './authorize.ts';
import { fromSecondOn, namingLost, type BodyPart } from './lost-parts.ts';
import { describeTitles, nowPlaying } from './now-playing.ts';
import type { StreamTitles } from './now-playing.ts';
import type { PlayableFile, ResolvedQueue } from './recent-queues.ts';
import { dayBefore } from './shuffle-seed.ts';
import { clockSeed, findStreamClock, timelineOf, turnAt } from './stream-clock.ts';
import type { StreamClock } from './stream-clock.ts';
import { planOrder, prepareListening, seedOn, today } from './stream-order.ts';
import type { Listening, OrderedPlan, OrderPorts, OrderRequest } from './stream-order.ts';
import { openEndless, readFinite } from './stream-source.ts';

export interface PlayStreamRequest extends OrderRequest {
  /** An endless stream starts where the clock is, for everybody in step. */
  readonly live?: boolean | undefined;
  /** Of an endless stream: titles between the bytes. */
  readonly wantsTitles?: boolean | undefined;
  /** Entity tags, unquoted, in the conditions of the request: the order of the day before may be meant. */
  readonly namedEtags: readonly string[];
}

interface Playback {
  readonly name: string;
  /** Files of the queue that play. */
  readonly fileCount: number;
  readonly playMode: PlayMode;
  /** Of shuffled modes. */
  readonly seed?: number | undefined;
}

export interface FinitePlayback extends Playback {
  readonly kind: 'finite';
  readonly tenantId: string;
  readonly plan: StreamPlan;
  /** By which a worker makes out the same plan (`make_stream`). */
  readonly order: JsonObject;
  readonly lastModifiedMs: number;
  /** False where the same date may stand for other bytes: another listener's order, another part left out. */
  readonly isDateStrong: boolean;
  open(range: ByteRange, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** What of `open`'s bytes is in memory, from the first on as far as that goes; `enoughBytes` are enough. */
  findHeld(range: ByteRange, enoughBytes: number): Uint8Array[];
}

export interface EndlessPlayback extends Playback {
  readonly kind: 'endless';
  /** Where titles stand between the bytes, as the player must be told. */
  readonly titles?: StreamTitles | undefined;
  /** Whether an answer is bounded, and so ends with a track; or the stream ends, having been given a mode that does. */
  readonly isBounded: boolean;
  /** At playing speed; without end, unless it is bounded. */
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/**
 * Opens a stream for listening. Nothing is stored about the listener, and all that can fail is found here, or with the
 * first chunk.
 *
 * @throws unauthorized, forbidden; not_found; invalid_input; conflict for an empty stream; not_ready; missing_part
 */
export async function playStream(
  ports: OrderPorts,
  caller: Caller | null,
  request: PlayStreamRequest,
): Promise<FinitePlayback | EndlessPlayback> {
  const { name, live = false } = request;
  const isPublic = ports.policy.playback === 'public';
  const tenantId = authorizePlayback(caller, { kind: 'stream', name }, isPublic, DEFAULT_TENANT);
  if (live && request.fromMs !== undefined) {
    throw new ValidationError('from', 'What is live starts where the clock is.');
  }
  if (live && request.sleep !== undefined) {
    // Its bytes would be others with every second at which it is asked for.
    throw new ValidationError('sleep_s', 'What is live has no start to count from.');
  }
  const listening = await prepareListening(ports, tenantId, caller, request);
  const clock = live ? await findStreamClock(ports, listening) : null;
  if (clock !== null) return playClock(ports, listening, clock, request);
  return isEndless(listening.playMode) && request.sleep === undefined
    ? playEndless(ports, listening, request)
    : playFinite(ports, listening, request.namedEtags);
}

/** From second 0, or the one that was asked for, in the order of the listener. */
function playEndless(
  ports: OrderPorts,
  listening: Listening,
  { fromMs = 0, wantsTitles = false }: PlayStreamRequest,
): EndlessPlayback {
  const { playMode: mode } = listening;
  const seed = seedOn(ports, listening, today(ports));
  const entries = listening.queue.filter((entry) => entry !== null);
  const endless = createEndless(
    entries.map(({ part }) => part),
    mode,
    seed,
  );
  const timeline = [{ endless, originFrame: 0, untilFrame: Infinity }];
  const fromFrame = msToFrame(fromMs, endless.pace);
  const heard = { mode, entries, heard: entries, seed, timeline, fromFrame, wantsTitles };
  return openPlayback(ports, listening, heard);
}

/** From where the clock is, in one order for everybody; an edit is heard when its epoch begins. */
function playClock(
  ports: OrderPorts,
  listening: Listening,
  clock: StreamClock,
  { wantsTitles = false }: PlayStreamRequest,
): EndlessPlayback {
  const seed = clockSeed(ports, listening);
  const fromFrame = msToFrame(ports.clock(), clock.pace);
  const { mode, entries } = turnAt(clock, fromFrame) ?? { mode: listening.playMode, entries: [] };
  const heard = clock.turns.flatMap((turn) => turn.entries);
  const timeline = timelineOf(clock, seed);
  return openPlayback(ports, listening, { mode, entries, heard, seed, timeline, fromFrame, wantsTitles });
}

interface Heard {
  readonly mode: PlayMode;
  /** What plays first, and all that may. */
  readonly entries: readonly PlayableFile[];
  readonly heard: readonly PlayableFile[];
  readonly seed: number;
  readonly timeline: Timeline;
  readonly fromFrame: number;
  readonly wantsTitles: boolean;
}

function openPlayback(
  ports: OrderPorts,
  { stream }: Listening,
  { mode, entries, heard, seed, timeline, fromFrame, wantsTitles }: Heard,
): EndlessPlayback {
  const titles = wantsTitles ? new Map(heard.map((entry) => [entry.part, nowPlaying(entry)])) : undefined;
  const maxMs = ports.policy.responseLimits?.maxMs;
  const open = openEndless(ports, timeline, { fromFrame, titles, maxMs });
  const parts = heard.map(({ part }) => part);
  return {
    kind: 'endless',
    isBounded: maxMs !== undefined || Number.isFinite(endOfTimeline(timeline)),
    ...describe(stream, mode, entries.length, seed),
    ...(wantsTitles && { titles: describeTitles(stream, parts) }),
    open: (signal) => namingLost(ports, () => bodyParts(heard), open(signal)),
  };
}

async function playFinite(
  ports: OrderPorts,
  listening: Listening,
  namedEtags: readonly string[],
): Promise<FinitePlayback> {
  const { stream, request, playMode } = listening;
  const byDay = isShuffled(playMode) && request.seed === undefined;
  let day = today(ports);
  let ordered = await planOrder(ports, listening, seedOn(ports, listening, day));
  if (byDay && namedEtags.length > 0 && !namedEtags.includes(ordered.plan.etag)) {
    // A player that began before 04:00 goes on with what it began with.
    const before = await planOrder(ports, listening, seedOn(ports, listening, dayBefore(day)));
    if (namedEtags.includes(before.plan.etag)) {
      day = dayBefore(day);
      ordered = before;
    }
  }
  const { plan, entries, seed } = ordered;
  const { updatedAtMs = 0, storedAtMs = 0 } = stream;
  // When the bytes may last have changed: with a file, the definition (an edit by hand leaves `updated_at` as it was),
  // or the day's order.
  const newestMs = Math.max(ordered.newestMs, updatedAtMs, storedAtMs, byDay ? day.startMs : 0);
  return {
    kind: 'finite',
    tenantId: stream.tenantId,
    order: orderOf(listening, ordered),
    ...describe(stream, playMode, entries.length, seed),
    plan,
    lastModifiedMs: Math.min(newestMs, ports.clock()),
    isDateStrong: !byDay && !request.skipMissing,
    open: (range, signal) => {
      const chunks = readFinite(ports, plan, range, signal);
      const seen = range.start < plan.leadBytes ? fromSecondOn(chunks) : chunks;
      return namingLost(ports, () => bodyParts(listening.queue), seen);
    },
    findHeld: (range, enoughBytes) => findHeldOfPlan(plan, range, ports.pieces, enoughBytes),
  };
}

function orderOf({ request, stream, playMode }: Listening, { plan, seed }: OrderedPlan): JsonObject {
  const { fromMs, sleep, skipMissing } = request;
  return {
    name: stream.name,
    play_mode: playMode,
    seed,
    etag: plan.etag,
    ...(fromMs !== undefined && { from_ms: fromMs }),
    ...(sleep !== undefined && { sleep_ms: sleep.ms, sleep_mode: sleep.mode }),
    ...(skipMissing && { skip_missing: true }),
  };
}

export function* bodyParts(queue: ResolvedQueue): Generator<BodyPart> {
  for (const entry of queue) if (entry !== null) yield { filename: entry.filename, ...entry.part };
}

const describe = (
  { name }: Pick<StoredStream, 'name'>,
  playMode: PlayMode,
  fileCount: number,
  seed: number,
): Playback => ({ name, fileCount, playMode, ...(isShuffled(playMode) && { seed }) });
