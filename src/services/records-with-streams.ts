import { AppError } from '../domain/app-error.ts';
import {
  isSameRecord,
  MAX_PORTABLE_BATCH,
  type Comparison,
  type PortableRecord,
  type PortableRecords,
  type RecordOf,
} from '../domain/portable-record.ts';
import type { StoredStream, StreamDefinition, StreamStore } from '../domain/stream.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';

/**
 * The records of a home and, after them, the streams of all tenants that have a user, and of `default`: wherever
 * definitions live, they are read and written like the other records. Their revision is each home's own.
 */
export function withStreams(records: PortableRecords, streams: StreamStore): PortableRecords {
  async function compareStream({ value }: RecordOf<'stream'>): Promise<Comparison> {
    const there = await streams.find(value.tenantId, value.name);
    if (there === null) return 'absent';
    return isSameRecord(toRecord(there), toRecord(value)) ? 'same' : 'different';
  }

  async function saveStream(record: RecordOf<'stream'>, overwrite: boolean): Promise<Comparison> {
    const comparison = await compareStream(record);
    if (comparison === 'absent') await streams.save(record.value, null);
    if (comparison === 'different' && overwrite) await streams.save(record.value);
    return comparison;
  }

  /** @param forStream of each stream, one after the other */
  async function both(
    batch: readonly PortableRecord[],
    forOthers: (others: readonly PortableRecord[]) => Promise<Comparison[]>,
    forStream: (stream: RecordOf<'stream'>) => Promise<Comparison>,
  ): Promise<Comparison[]> {
    const others = batch.filter(({ kind }) => kind !== 'stream');
    const ofOthers = (others.length === 0 ? [] : await forOthers(others)).values();
    const comparisons: Comparison[] = [];
    for (const record of batch) {
      const comparison = record.kind === 'stream' ? await forStream(record) : ofOthers.next().value;
      if (comparison === undefined) throw new AppError('internal', 'A record was compared with nothing.');
      comparisons.push(comparison);
    }
    return comparisons;
  }

  return {
    async *readAll(signal) {
      const tenants = new Set([DEFAULT_TENANT]);
      for await (const batch of records.readAll(signal)) {
        for (const { kind, value } of batch) if (kind === 'user') tenants.add(value.tenantId);
        yield batch;
      }
      for (const tenantId of tenants) yield* readStreams(streams, tenantId);
    },

    compare: (batch) => both(batch, (others) => records.compare(others), compareStream),

    save: (batch, { overwrite = false } = {}) =>
      both(
        batch,
        (others) => records.save(others, { overwrite }),
        (stream) => saveStream(stream, overwrite),
      ),
  };
}

async function* readStreams(streams: StreamStore, tenantId: string): AsyncGenerator<PortableRecord[]> {
  for (let after; ;) {
    const page: Awaited<ReturnType<StreamStore['list']>> = await streams.list(tenantId, {
      limit: MAX_PORTABLE_BATCH,
      after,
    });
    if (page.items.length > 0) yield page.items.map(toRecord);
    if (page.next === undefined) return;
    after = page.next;
  }
}

/** Without what is the home's own. */
function toRecord(stored: StreamDefinition & Partial<StoredStream>): RecordOf<'stream'> {
  const { revision: _revision, storedAtMs: _storedAtMs, ...value } = stored;
  return { kind: 'stream', value };
}
