import { join } from 'node:path';
import { openDirectoryObjectStore } from '../../src/adapters/files/directory-object-store.ts';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { openSqliteAudioFileStore } from '../../src/adapters/sqlite/sqlite-audio-file-store.ts';
import { createPieceCache } from '../../src/audio/piece-cache.ts';
import { planStream, type StreamPlan } from '../../src/audio/stream-plan.ts';
import { readPlan } from '../../src/audio/stream-reader.ts';
import type { ObjectStore } from '../../src/domain/object-store.ts';
import type { Measure } from './report.ts';

const PIECE_BYTES = 256 * 1024;
const LENGTHS = [1, 64 * 1024, 1024 * 1024];

/** What ranges from random places of the first `count` made parts read of the object store, with nothing held. */
export async function measureSeeks(dataDir: string, count: number, rounds: number): Promise<Measure[]> {
  const root = join(dataDir, 'audio_files');
  const objects = await openDirectoryObjectStore({ root });
  const plan = await planFirst(dataDir, count);
  const measures: Measure[] = [];
  for (const lengthBytes of LENGTHS) {
    let [reads, readBytes, needed] = [0, 0, 0];
    const counting: Pick<ObjectStore, 'readRange'> = {
      readRange: (key, range, signal) => {
        reads += 1;
        readBytes += range.endExclusive - range.start;
        return objects.readRange(key, range, signal);
      },
    };
    for (let round = 0; round < rounds; round += 1) {
      const start = Math.floor(Math.random() * (plan.totalBytes - lengthBytes));
      const range = { start, endExclusive: start + lengthBytes };
      const pieces = createPieceCache(counting, { pieceBytes: PIECE_BYTES, maxBytes: 64 * PIECE_BYTES });
      let bytes = 0;
      for await (const chunk of readPlan(plan, range, pieces)) bytes += chunk.length;
      if (bytes !== lengthBytes) throw new Error(`${bytes} bytes came instead of ${lengthBytes}.`);
      needed += countPieces(plan, range);
    }
    if (reads !== needed) throw new Error(`${reads} reads for ${needed} pieces.`);
    measures.push({
      name: `a seek for ${lengthBytes} bytes in ${count} parts`,
      ours: `${(reads / rounds).toFixed(2)} reads, ${Math.round(readBytes / rounds / 1024)} KiB`,
      peer: `${(needed / rounds).toFixed(2)} pieces hold it`,
    });
  }
  return measures;
}

async function planFirst(dataDir: string, count: number): Promise<StreamPlan> {
  const db = openDatabase(join(dataDir, 'earshot.db'));
  try {
    const names = Array.from({ length: count }, (_, number) => `part-${number}.mp3`);
    const files = await openSqliteAudioFileStore(db).findMany('default', names);
    const parts = files.flatMap(({ part }) => (part === undefined ? [] : [part]));
    return planStream(
      parts.map((part, partIndex) => ({ kind: 'part', partIndex, part, firstFrame: 0, isContinued: false })),
    );
  } finally {
    db.close();
  }
}

/** The pieces of parts that a range touches. */
function countPieces(plan: StreamPlan, range: { start: number; endExclusive: number }): number {
  let pieces = 0;
  for (const segment of plan.segments) {
    if (segment.kind !== 'part') continue;
    const from = Math.max(range.start, segment.start) - segment.start + segment.sourceStart;
    const to = Math.min(range.endExclusive, segment.endExclusive) - segment.start + segment.sourceStart;
    if (from < to) pieces += Math.floor((to - 1) / PIECE_BYTES) - Math.floor(from / PIECE_BYTES) + 1;
  }
  return pieces;
}
