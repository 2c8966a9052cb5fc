import { createEndless } from '../audio/endless.ts';
import type { SleepTimer } from '../audio/sleep.ts';
import type { StreamPlan } from '../audio/stream-plan.ts';
import { orderTracks } from '../audio/track-order.ts';
import type { Caller } from '../domain/caller.ts';
import { isEndless, isShuffled, parsePlayMode } from '../domain/play-mode.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import { parseStreamName } from '../domain/stream.ts';
import type { StoredStream } from '../domain/stream.ts';
import type { Ports } from './ports.ts';
import { listenerOf, listenerSeed, shuffleDay } from './shuffle-seed.ts';
import type { ListenerTraits, ShuffleDay } from './shuffle-seed.ts';
import { getStoredStream } from './stored-stream.ts';
import type { PlayableFile, ResolvedQueue } from './recent-queues.ts';
import { resolveParts } from './stream-parts.ts';
import type { PartPorts } from './stream-parts.ts';
import { planFrom } from './stream-source.ts';
import type { SourcePorts } from './stream-source.ts';

/** What decides what is heard. */
export interface OrderRequest {
  readonly name: string;
  /** Instead of the stream's own. */
  readonly playMode?: string | undefined;
  /** A uint32; without it the listener and the day decide. */
  readonly seed?: number | undefined;
  /** Starts there, rounded down to a frame. */
  readonly fromMs?: number | undefined;
  /** Ends there, whatever the mode. */
  readonly sleep?: SleepTimer | undefined;
  readonly skipMissing: boolean;
  readonly listener: ListenerTraits;
  /** How long files that are still being taken in are waited for; default 10 s. */
  readonly waitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type OrderPorts = Pick<Ports, 'streams' | 'policy' | 'secret'> & PartPorts & SourcePorts;

/** A request with all that was looked up for it; what follows is arithmetic. */
export interface Listening {
  readonly request: OrderRequest;
  readonly stream: StoredStream;
  readonly playMode: PlayMode;
  readonly queue: ResolvedQueue;
  readonly listener: string;
}

/**
 * For use cases that have authorized their caller already.
 * @throws not_found; invalid_input; conflict for an empty stream; not_ready; missing_part
 */
export async function prepareListening(
  ports: OrderPorts,
  tenantId: string,
  caller: Caller | null,
  request: OrderRequest,
): Promise<Listening> {
  const asked = await findAsked(ports, tenantId, request);
  return listenTo(ports, caller, asked, await resolveParts(ports, asked.stream, request));
}

/** A stream, and how it is asked for. */
export type Asked = Pick<Listening, 'request' | 'stream' | 'playMode'>;

/** For use cases that have authorized their caller already. @throws not_found; invalid_input */
export async function findAsked(
  ports: Pick<Ports, 'streams'>,
  tenantId: string,
  request: OrderRequest,
): Promise<Asked> {
  const name = parseStreamName(request.name);
  const wantedMode = request.playMode === undefined ? undefined : parsePlayMode(request.playMode);
  const stream = await getStoredStream(ports, tenantId, name);
  return { request, stream, playMode: wantedMode ?? stream.playMode };
}

/** With what of the queue can be played. */
export function listenTo(
  ports: Pick<Ports, 'policy'>,
  caller: Caller | null,
  { request, stream, playMode }: Asked,
  queue: ResolvedQueue,
): Listening {
  return {
    request,
    stream,
    playMode,
    queue,
    // Of a shuffle alone, and players ask for range after range.
    get listener() {
      return listenerOf(caller, request.listener, ports.policy);
    },
  };
}

/** The seed of the request, else that of the listener and the day. */
export function seedOn(ports: Pick<Ports, 'secret'>, listening: Listening, day: ShuffleDay): number {
  const { request, stream, listener, playMode } = listening;
  if (!isShuffled(playMode)) return 0;
  return request.seed ?? listenerSeed(ports, stream.tenantId, stream.name, listener, day);
}

export const today = (ports: Pick<Ports, 'policy' | 'clock'>): ShuffleDay =>
  shuffleDay(ports.policy, ports.clock());

export interface OrderedPlan {
  readonly plan: StreamPlan;
  /** What plays, by `partIndex` of the plan's tracks. */
  readonly entries: readonly PlayableFile[];
  readonly seed: number;
  /** When one of their records was last changed. */
  readonly newestMs: number;
}

/**
 * The finite MP3 in the order of a seed, from the requested time on: until the sleep timer ends it, else one turn
 * through the queue.
 */
export async function planOrder(ports: OrderPorts, listening: Listening, seed: number): Promise<OrderedPlan> {
  const { request, stream, queue, playMode } = listening;
  const { fromMs = 0, sleep } = request;
  const key = `${playMode} ${seed} ${fromMs} ${sleep?.ms} ${sleep?.mode}`;
  const make = () => makePlan(ports, listening, seed);
  return ports.recentQueues.plan(stream, queue, key, make, weighPlan);
}

/** The Info frame takes the room of two entries. A timer may cut, and fade, more or fewer tracks than the queue has. */
const weighPlan = ({ plan }: OrderedPlan): number => plan.segments.length + 2;

async function makePlan(ports: SourcePorts, listening: Listening, seed: number): Promise<OrderedPlan> {
  const { request, queue, playMode } = listening;
  if (isEndless(playMode)) {
    const entries = queue.filter((entry) => entry !== null);
    const endless = createEndless(partsOf(entries), playMode, seed);
    return { plan: await planFrom(ports, endless, request), entries, seed, newestMs: newestOf(entries) };
  }
  const order = orderTracks(queue.length, playMode, seed);
  const entries = order.map((place) => queue[place] ?? null).filter((entry) => entry !== null);
  const turn = createEndless(partsOf(entries), 'sequential', 0);
  return { plan: await planFrom(ports, turn, request), entries, seed, newestMs: newestOf(entries) };
}

const partsOf = (entries: readonly PlayableFile[]) => entries.map(({ part }) => part);

function newestOf(entries: readonly PlayableFile[]): number {
  let newestMs = 0;
  for (const { updatedAtMs } of entries) newestMs = Math.max(newestMs, updatedAtMs);
  return newestMs;
}
