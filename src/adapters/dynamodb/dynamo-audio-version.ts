import type { DynamoTable, Write } from './dynamo-table.ts';
import { number, text } from './item-fields.ts';
import { itemKey } from './keys.ts';

const PARTITION = 'AUDIO_VERSION';
/** Two transactions never write one item at once: with one counter all writers of a library would be in a queue. */
const SHARDS = 16;

/**
 * How often records were written, by whichever instance. A write counts in its own transaction: counted before or after
 * it, a reader could hold the old record for that of the new version, and for ever when the writer dies in between.
 */
export interface AudioVersion {
  /** 1 request: the counters are a Query of one read unit. */
  read(): Promise<string>;
  /** To be part of every transaction that writes a record. */
  raise(): Write;
}

export function openAudioVersion(table: DynamoTable, random: () => number): AudioVersion {
  let reading: Promise<string> | undefined;
  let next: Promise<string> | undefined;

  async function readNow(): Promise<string> {
    const { items } = await table.query({ partition: PARTITION, consistent: true });
    return items.map((item) => `${text(item, 'SK')}.${number(item, 'writes')}`).join('-');
  }

  function start(): Promise<string> {
    const started = readNow().finally(() => {
      if (reading === started) reading = undefined;
    });
    reading = started;
    return started;
  }

  return {
    // A read that has begun may have missed a write that is over by now; the one after it has not. All who ask meanwhile
    // share that one, and so a hundred listeners cost as much as two. Nothing is remembered beyond: a version of a second
    // ago would let an instance play what another one has replaced.
    read() {
      if (reading === undefined) return start();
      next ??= reading
        .catch(() => undefined)
        .then(() => {
          next = undefined;
          return start();
        });
      return next;
    },

    raise: () => ({
      kind: 'update',
      key: itemKey(PARTITION, Math.floor(random() * SHARDS).toString(16)),
      change: { add: { writes: 1 } },
    }),
  };
}
