import { randomUUID } from 'node:crypto';
import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import type { AsyncRequest, Lease } from '../../domain/request.ts';
import { ConditionFailed } from './dynamo-error.ts';
import type { Item } from './dynamo-table.ts';
import { absent, all, any, compare, equal, type Condition } from './expression.ts';
import { fitsKey } from './keys.ts';
import { fromRequestItem, isAlive, toChange, toRequestAttributes } from './request-item.ts';
import type { RequestKey, RequestTable } from './request-table.ts';

/** Writes that happen once, also when the client sends them again because an answer was lost. */
export interface RequestWrites {
  /** What has expired is there still. */
  read(requestId: string): Promise<Item | null>;
  /** Puts a request that is not there. @throws already_exists */
  create(request: AsyncRequest, createdAt: string): Promise<void>;
  /**
   * Makes one request of the other, where it is still as it was seen.
   * @param leaseToken of who holds it afterwards
   * @returns the item as it is then; null when another was faster
   */
  change(seen: Item, after: AsyncRequest, leaseToken?: string): Promise<Item | null>;
  /**
   * Reads a request and takes a step with it, again when another is faster. A step that gives back the request itself
   * writes nothing.
   * @param lease without it, the step is taken whoever holds the request, and nobody does then
   * @throws lease_lost when this lease does not hold it; without a lease, not_found
   */
  takeStep(
    requestId: string,
    step: (request: AsyncRequest) => AsyncRequest,
    lease?: Lease,
  ): Promise<AsyncRequest>;
  /** @returns whether it was there, and ended before then */
  deleteEnded(requestId: string, before: string): Promise<boolean>;
}

/** Of a request that changes under the one who holds it: a renewal beside a step of progress. */
const MAX_TRIES = 10;

export const keyOfRequest = (requestId: string): RequestKey => ({ RequestID: requestId });

/** `WriteID` tells a write that was sent again from one that another was faster than. */
export function openRequestWrites(table: RequestTable, clock: Clock): RequestWrites {
  const read = async (requestId: string): Promise<Item | null> =>
    fitsKey(requestId) ? table.get(keyOfRequest(requestId), { consistent: true }) : null;

  async function change(seen: Item, after: AsyncRequest, leaseToken?: string): Promise<Item | null> {
    const { requestId } = after;
    const WriteID = randomUUID();
    const { set, remove } = toChange(fromRequestItem(seen), after, clock());
    const change =
      leaseToken === undefined
        ? { set: { ...set, WriteID }, remove: [...remove, 'LeaseToken'] }
        : { set: { ...set, WriteID, LeaseToken: leaseToken }, remove };
    try {
      return await table.update(keyOfRequest(requestId), change, asSeen(seen));
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const item = await read(requestId);
      return item?.['WriteID'] === WriteID ? item : null;
    }
  }

  return {
    read,
    change,

    async create(request, createdAt) {
      const nowMs = clock();
      const WriteID = randomUUID();
      const item = {
        ...keyOfRequest(request.requestId),
        ...toRequestAttributes(request, nowMs),
        CreatedAt: createdAt,
        WriteID,
      };
      try {
        await table.put(item, any(absent('RequestID'), equal('WriteID', WriteID)));
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw new AppError('already_exists', 'There is already such a request.', { cause: error });
      }
    },

    async takeStep(requestId, step, lease) {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const item = await read(requestId);
        if (
          lease !== undefined &&
          (item?.['LeaseToken'] !== lease.token || item['Status'] !== 'PROCESSING')
        ) {
          throw leaseLost();
        }
        if (item === null || !isAlive(item, clock())) throw notThere();
        const before = fromRequestItem(item);
        const after = step(before);
        if (after === before) return before;
        const written = await change(item, after, after.status === 'PROCESSING' ? lease?.token : undefined);
        if (written !== null) return after;
      }
      throw new AppError('storage_unavailable', 'The database does not answer as it should.');
    },

    async deleteEnded(requestId, before) {
      try {
        const hasEnded = compare('ProcessingEnded', '<', before);
        return (await table.delete(keyOfRequest(requestId), hasEnded)) !== null;
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        // It was begun anew; or it was deleted, and the answer was lost.
        return (await read(requestId)) === null;
      }
    },
  };
}

const notThere = (): AppError => new AppError('not_found', 'There is no such request.');
export const leaseLost = (): AppError =>
  new AppError('lease_lost', 'Another worker has this request, or it has ended.');

/** A renewal changes nothing but the lease; one that was deleted and made anew has another time. */
const asSeen = (item: Item): Condition =>
  all(
    ...(['CreatedAt', 'Status', 'Seq', 'LeaseUntil'] as const).map((name) =>
      item[name] === undefined ? absent(name) : equal(name, item[name]),
    ),
  );
