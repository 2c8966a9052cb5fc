import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Log } from '../../domain/log.ts';
import { checkQueueSize } from '../../domain/stream.ts';
import type { StoredStream, StreamStore } from '../../domain/stream.ts';
import { ConditionFailed } from './dynamo-error.ts';
import {
  contentRevision,
  fromStreamItem,
  streamKey,
  streamsPartition,
  toStreamItem,
} from './dynamo-stream-item.ts';
import type { DynamoTable, Item, ItemKey } from './dynamo-table.ts';
import { aliveAt, expiring, isAlive } from './expiry.ts';
import { absent, all, any, compare, contains, equal, present, type Condition } from './expression.ts';
import { text } from './item-fields.ts';
import { readPage } from './item-page.ts';
import { itemKey, ofTenant } from './keys.ts';

/** Where the names are of the streams that may go with a login session. */
const sessionPartition = (tenantId: string, sessionId: string): string =>
  ofTenant(tenantId, `SESSION_STREAMS#${sessionId}`);

/** A stream is one item, and each write of it one conditional write. */
export function openDynamoStreamStore(
  table: DynamoTable,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): StreamStore {
  function readable(item: Item): StoredStream | null {
    try {
      return fromStreamItem(item);
    } catch (error) {
      log.warn({ err: error, item: item['PK'] }, 'the definition of a stream cannot be read');
      return null;
    }
  }

  /** One that an older program wrote has no revision of its own: it is what it holds. null for any other. */
  async function oldAsExpected(key: ItemKey, expected: string): Promise<Condition | null> {
    const item = await table.get(key, { consistent: true, fields: ['revision', 'name', 'files', 'loop'] });
    if (item === null || item['revision'] !== undefined) return null;
    if (fromStreamItem(item).revision !== expected) return null;
    const isSameLoop = item['loop'] === undefined ? absent('loop') : equal('loop', item['loop']);
    return all(present('PK'), absent('revision'), equal('files', item['files']), isSameLoop);
  }

  /** A write that is conditional on a revision. */
  async function asExpected<Result>(
    key: ItemKey,
    expected: string,
    write: (condition: Condition) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await write(all(equal('revision', expected), aliveAt(clock())));
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const condition = await oldAsExpected(key, expected);
      if (condition === null) throw error;
      return write(condition);
    }
  }

  return {
    async find(tenantId, name) {
      const item = await table.get(streamKey(tenantId, name), { consistent: true });
      return item !== null && isAlive(item, clock) ? fromStreamItem(item) : null;
    },

    async list(tenantId, page) {
      const request = {
        index: 'GSI1',
        partition: streamsPartition(tenantId),
        filter: aliveAt(clock()),
      } as const;
      const { items, ...rest } = await readPage(table, request, page, readable);
      return { ...rest, items: items.filter((stream) => stream !== null) };
    },

    async save(stream, expected) {
      checkQueueSize(stream.files);
      const { tenantId, name, persistence, sessionId, expiresAtMs } = stream;
      const stored = { ...stream, files: [...stream.files], revision: contentRevision(stream) };
      const item = toStreamItem(stream, stored.revision);
      // First, so that no stream outlives its session; one that leads to no such stream does no harm.
      if (persistence === 'session' && sessionId !== undefined) {
        await table.put({
          ...itemKey(sessionPartition(tenantId, sessionId), name),
          name,
          ...expiring(expiresAtMs),
        });
      }
      await refusing(() => {
        if (expected === undefined) return table.put(item);
        if (expected !== null) {
          return asExpected(streamKey(tenantId, name), expected, (condition) => table.put(item, condition));
        }
        return table.put(item, any(absent('PK'), compare('expires_at_ms', '<=', clock())));
      });
      return stored;
    },

    async delete(tenantId, name, expected) {
      const key = streamKey(tenantId, name);
      const gone = await refusing(() =>
        expected === undefined
          ? table.delete(key)
          : asExpected(key, expected, (condition) => table.delete(key, condition)),
      );
      return gone !== null && isAlive(gone, clock);
    },

    // The filter makes the answer small, not the reading: that takes as much as all definitions of the tenant hold, a
    // Query for each megabyte. An item for each file of each queue would make every save of a queue of 5,000 take
    // thousands of writes, for a question that only the deletion of a file asks.
    async listUsing(tenantId, filename, limit) {
      const names: string[] = [];
      if (limit < 1) return names;
      const filter = all(contains('files', filename), aliveAt(clock()));
      const request = {
        index: 'GSI1',
        partition: streamsPartition(tenantId),
        filter,
        fields: ['name'],
      } as const;
      for await (const item of table.queryAll(request)) {
        names.push(text(item, 'name'));
        if (names.length === limit) break;
      }
      return names;
    },

    async deleteBySession(tenantId, sessionId) {
      const partition = sessionPartition(tenantId, sessionId);
      const isOfSession = all(equal('session_id', sessionId), equal('persistence', 'session'));
      for await (const entry of table.queryAll({ partition, consistent: true })) {
        const name = text(entry, 'name');
        try {
          await table.delete(streamKey(tenantId, name), isOfSession);
        } catch (error) {
          // It is gone, or was made anew or permanent meanwhile.
          if (!(error instanceof ConditionFailed)) throw error;
        }
        await table.delete(itemKey(partition, name));
      }
    },
  };
}

async function refusing<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    throw new AppError('precondition_failed', 'The stream was changed in the meantime.', { cause: error });
  }
}
