import type { StreamPlan } from '../audio/stream-plan.ts';
import { readPlan } from '../audio/stream-reader.ts';
import { isAlreadyExists } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import { madeKey } from '../domain/object-key.ts';
import type { JsonObject } from '../domain/request.ts';
import { cutIntoWholeParts, type WholeObjectPlan, type WholeSegment } from '../domain/whole-object.ts';
import { DEFAULT_RETRY } from './actions/action.ts';
import type { Ports } from './ports.ts';
import { SYSTEM_CALLER } from './system-caller.ts';

export type WholePorts = Pick<
  Ports,
  'wholeObjects' | 'pieces' | 'queue' | 'wakeWorkers' | 'clock' | 'log' | 'policy'
>;

/** Where somebody finds what is too long to be answered. */
export type Lead =
  | { readonly kind: 'made'; readonly url: string }
  /** Somebody is at it; it may be asked for again after a while. */
  | { readonly kind: 'making'; readonly retryAfterS: number };

/** A plan that a worker can make out again. */
export interface RecallablePlan {
  readonly tenantId: string;
  readonly plan: StreamPlan;
  /** The payload of `make_stream`; null where a worker could not make it out. */
  readonly order: JsonObject | null;
}

/** A copy inside the store takes as long as to gather so much. */
const COPY_COSTS_BYTES = 2 * 1024 * 1024;
/** A player may ask at its address for the next range as long as it plays. */
export const PRESIGNED_S = 6 * 3600;
const RETRY_AFTER_S = 5;
/** Who asks again after that asks for new work, should the first have failed, or the object be gone. */
const ASK_AGAIN_MS = 15 * 60_000;

/**
 * Leads to the object that has all bytes of a plan: it is there, or is made while the caller waits, or else a worker is
 * asked to make it. The caller has authorized whoever asks.
 *
 * @throws storage_unavailable, missing_part
 */
export async function leadToWhole(
  ports: WholePorts,
  caller: Caller | null,
  { tenantId, plan, order }: RecallablePlan,
  signal: AbortSignal,
): Promise<Lead> {
  const { wholeObjects } = ports;
  const key = madeKey(plan.etag);
  const found = await wholeObjects?.find(key);
  if (wholeObjects === null) throw new Error('There is no store of whole objects here.');
  if (found?.sizeBytes !== plan.totalBytes) {
    if (order !== null && workOf(plan) > (ports.policy.responseLimits?.makeAtOnceBytes ?? Infinity)) {
      await orderWhole(ports, { etag: plan.etag, order, tenantId, userId: (caller ?? SYSTEM_CALLER).userId });
      return { kind: 'making', retryAfterS: RETRY_AFTER_S };
    }
    await wholeObjects.make(toWhole(ports, plan), signal);
    ports.log.info({ key, sizeBytes: plan.totalBytes }, 'a whole stream was made an object');
  }
  const url = await wholeObjects.presign(key, { expiresInS: PRESIGNED_S, contentType: 'audio/mpeg' });
  return { kind: 'made', url };
}

/** What clients compare by who have read the object of this plan in the store; undefined where there is none. */
export async function findWholeTag(
  { wholeObjects }: Pick<Ports, 'wholeObjects'>,
  plan: StreamPlan,
): Promise<string | undefined> {
  return (await wholeObjects?.find(madeKey(plan.etag)))?.etag;
}

export function toWhole({ pieces }: Pick<Ports, 'pieces'>, plan: StreamPlan): WholeObjectPlan {
  return {
    key: madeKey(plan.etag),
    sizeBytes: plan.totalBytes,
    etag: plan.etag,
    contentType: 'audio/mpeg',
    segments: plan.segments.map(toSegment),
    read: (start, endExclusive, signal) => readPlan(plan, { start, endExclusive }, pieces, signal),
  };
}

function toSegment(segment: StreamPlan['segments'][number]): WholeSegment {
  const { start, endExclusive } = segment;
  return segment.kind === 'part' && segment.transform === undefined
    ? { start, endExclusive, copyFrom: { key: segment.key, start: segment.sourceStart } }
    : { start, endExclusive };
}

/** About how many bytes would have to pass through this process. */
function workOf(plan: StreamPlan): number {
  let bytes = 0;
  for (const part of cutIntoWholeParts(plan.segments.map(toSegment), plan.totalBytes)) {
    bytes += part.copyFrom === undefined ? part.endExclusive - part.start : COPY_COSTS_BYTES;
  }
  return bytes;
}

async function orderWhole(
  ports: Pick<Ports, 'queue' | 'wakeWorkers' | 'clock' | 'log'>,
  wanted: { etag: string; order: JsonObject; tenantId: string; userId: string },
): Promise<void> {
  const { etag, order, tenantId, userId } = wanted;
  const requestId = `make-${etag}-${Math.floor(ports.clock() / ASK_AGAIN_MS)}`;
  try {
    await ports.queue.enqueue({
      requestId,
      action: 'make_stream',
      payload: order,
      userId,
      tenantId,
      maxRetries: DEFAULT_RETRY.maxRetries,
    });
  } catch (error) {
    // However many ask, it is made once.
    if (isAlreadyExists(error)) return;
    throw error;
  }
  ports.wakeWorkers();
  ports.log.info({ requestId, etag }, 'a whole stream is to be made an object');
}
