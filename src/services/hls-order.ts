import { SEGMENT_MS } from '../audio/hls-segments.ts';
import type { Timeline } from '../audio/timeline.ts';
import { ValidationError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import { isShuffled } from '../domain/play-mode.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { authorizePlayback } from './authorize.ts';
import { listenerSeed, shuffleDay } from './shuffle-seed.ts';
import { clockSeed, findClockUntilEdit, findStreamClock, timelineOf } from './stream-clock.ts';
import type { StreamClock } from './stream-clock.ts';
import { findAsked, listenTo } from './stream-order.ts';
import type { Asked, Listening, OrderPorts, OrderRequest } from './stream-order.ts';
import { resolveParts } from './stream-parts.ts';

export interface HlsRequest extends OrderRequest {
  /** In everybody's order, where a shuffle has no end. */
  readonly live?: boolean | undefined;
}

export interface HlsListening {
  readonly listening: Listening;
  /** null for what has an end, and is cut from its first frame on; else it is cut by the clock. */
  readonly clock: StreamClock | null;
}

/**
 * May `caller` hear this, and what is it?
 * @throws unauthorized, forbidden; not_found; invalid_input; conflict for an empty stream; not_ready; missing_part
 */
export async function prepareHls(
  ports: OrderPorts,
  caller: Caller | null,
  request: HlsRequest,
): Promise<HlsListening> {
  const { name, live = false, sleep, fromMs } = request;
  const isPublic = ports.policy.playback === 'public';
  const tenantId = authorizePlayback(caller, { kind: 'stream', name }, isPublic, DEFAULT_TENANT);
  if (live && sleep !== undefined) {
    throw new ValidationError('sleep_s', 'What is live has no start to count from.');
  }
  const asked = await findAsked(ports, tenantId, request);
  const prepared = await prepareAsked(ports, caller, asked);
  if ((prepared.clock !== null || live) && fromMs !== undefined) {
    throw new ValidationError('from', 'What is cut by the clock starts where the clock is.');
  }
  return prepared;
}

async function prepareAsked(ports: OrderPorts, caller: Caller | null, asked: Asked): Promise<HlsListening> {
  const hasTimer = asked.request.sleep !== undefined;
  const untilEdit = hasTimer ? null : await findClockUntilEdit(ports, asked);
  if (untilEdit !== null) return { listening: listenTo(ports, caller, asked, []), clock: untilEdit };
  const queue = await resolveParts(ports, asked.stream, asked.request);
  const listening = listenTo(ports, caller, asked, queue);
  return { listening, clock: hasTimer ? null : await findStreamClock(ports, listening) };
}

/** Whether who listens decides the order, and not the URL alone. */
export const isOfListener = ({ request, playMode }: Listening, live: boolean, clock: StreamClock | null) =>
  request.seed === undefined &&
  !(live && clock !== null) &&
  (clock === null ? isShuffled(playMode) : clock.turns.some(({ mode }) => isShuffled(mode)));

/** The order in which segment `number` of the clock plays: of a listener, that of the day on which it begins. */
export function segmentSeed(
  ports: Pick<OrderPorts, 'secret' | 'policy'>,
  { listening, clock }: HlsListening,
  live: boolean,
  number: number,
): number {
  const { request, stream, listener } = listening;
  if (clock?.turns.some(({ mode }) => isShuffled(mode)) !== true) return 0;
  if (live || request.seed !== undefined) return clockSeed(ports, listening);
  const day = shuffleDay(ports.policy, number * SEGMENT_MS);
  return listenerSeed(ports, stream.tenantId, stream.name, listener, day);
}

/** Timelines by seed: of a list, all segments have one, but on the turn of a day. */
export function timelinesOf(clock: StreamClock): (seed: number) => Timeline {
  const made = new Map<number, Timeline>();
  return (seed) => {
    const timeline = made.get(seed) ?? timelineOf(clock, seed);
    made.set(seed, timeline);
    return timeline;
  };
}
