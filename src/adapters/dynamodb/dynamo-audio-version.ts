import type { DynamoTable, ItemKey, Write } from './dynamo-table.ts';
import { number } from './item-fields.ts';
import { itemKey, keyOf } from './keys.ts';

/**
 * Two transactions never write one item at once: with one counter all writers of a library would be in a queue. Each is
 * read by everybody, for a read unit, and so each has a partition of its own.
 */
const COUNTERS = 4;
const counterKey = (place: number): ItemKey => itemKey(`AUDIO_VERSION#${place}`, 'COUNTER');
const KEYS = Array.from({ length: COUNTERS }, (_, place) => counterKey(place));

/**
 * How often records were written, by whichever instance. A write counts in its own transaction: counted before or after
 * it, a reader could hold the old record for that of the new version, and for ever when the writer dies in between.
 */
export interface AudioVersion {
  /** 1 request of four read units, which whole items that are read in the same turn may share (gathered-reads.ts). */
  read(): Promise<string>;
  /** To be part of every transaction that writes a record. */
  raise(): Write;
}

/** @param random from 0 to 1, which it never reaches */
export function openAudioVersion(table: DynamoTable, random: () => number): AudioVersion {
  let reading: Promise<string> | undefined;
  let next: Promise<string> | undefined;

  // Each counter is read consistently, though not all at one moment: a write that was over before has raised one of
  // them for whoever reads now, and that is all that is promised.
  async function readNow(): Promise<string> {
    const items = await table.getMany(KEYS, { consistent: true });
    const writes = new Map(items.map((item) => [keyOf(item).PK, number(item, 'writes')]));
    return KEYS.map(({ PK }) => writes.get(PK) ?? 0).join('-');
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
      key: counterKey(Math.floor(random() * COUNTERS)),
      change: { add: { writes: 1 } },
    }),
  };
}
