import { isAppError } from '../domain/app-error.ts';
import { objectKeysOf } from '../domain/audio-file.ts';
import type { Clock } from '../domain/clock.ts';
import { nameRecord, type PortableKind, type PortableRecord } from '../domain/portable-record.ts';
import { isKeptKey } from './kept-objects.ts';
import type { PortableHome, PortableSource, TellProgress } from './portable-home.ts';
import type { ProblemList } from './problem-list.ts';

/** How many there are, by kind. */
export type RecordCounts = Map<PortableKind, number>;

export interface CopyRecordsOptions {
  readonly overwrite: boolean;
  readonly clock: Clock;
  readonly tell: TellProgress;
  /** What is not as it should be. */
  readonly problems: ProblemList;
  /** What was so before. */
  readonly notes: ProblemList;
  readonly signal?: AbortSignal | undefined;
}

/** Looks for records of the destination that the source does not have, or has otherwise. */
export async function findOthers(
  source: PortableSource,
  home: PortableHome,
  { tell, problems, signal }: CopyRecordsOptions,
): Promise<RecordCounts> {
  const there: RecordCounts = new Map();
  let done = 0;
  for await (const batch of home.records.readAll(signal)) {
    const comparisons = await source.records.compare(batch);
    for (const [place, record] of batch.entries()) {
      raise(there, record.kind);
      if (comparisons[place] === 'absent') problems.add(`${nameRecord(record)} is not in the source`);
      if (comparisons[place] === 'different') problems.add(`${nameRecord(record)} is another in the source`);
    }
    tell('looking at the destination', (done += batch.length), 0);
  }
  return there;
}

/** Records that the destination does not have yet. */
export async function countMissing(
  source: PortableSource,
  home: PortableHome,
  { overwrite, tell, problems, signal }: CopyRecordsOptions,
): Promise<{ readonly all: RecordCounts; readonly missing: RecordCounts }> {
  const all: RecordCounts = new Map();
  const missing: RecordCounts = new Map();
  let done = 0;
  for await (const batch of source.records.readAll(signal)) {
    const comparisons = await home.records.compare(batch);
    for (const [place, record] of batch.entries()) {
      raise(all, record.kind);
      if (comparisons[place] !== 'same') raise(missing, record.kind);
      if (comparisons[place] === 'different' && !overwrite) problems.add(isAnother(record));
    }
    tell('looking at the source', (done += batch.length), 0);
  }
  return { all, missing };
}

/** Writes what is not there, and shows each file in the folder of the destination. @returns what was written */
export async function copyRecords(
  source: PortableSource,
  home: PortableHome,
  { overwrite, tell, problems, notes, signal }: CopyRecordsOptions,
): Promise<RecordCounts> {
  const copied: RecordCounts = new Map();
  let done = 0;
  for await (const batch of source.records.readAll(signal)) {
    const comparisons = await home.records.save(batch, { overwrite });
    for (const [place, record] of batch.entries()) {
      const isConflict = comparisons[place] === 'different' && !overwrite;
      if (isConflict) problems.add(isAnother(record));
      else if (comparisons[place] !== 'same') raise(copied, record.kind);
      if (!isConflict) await publish(home, record, notes);
    }
    tell('records', (done += batch.length), 0);
  }
  return copied;
}

/** Reads every record on both sides. @returns those that are the same on both */
export async function verifyRecords(
  source: PortableSource,
  home: PortableHome,
  options: CopyRecordsOptions,
): Promise<RecordCounts> {
  const { overwrite, clock, tell, problems, notes, signal } = options;
  const right: RecordCounts = new Map();
  let done = 0;
  for await (const batch of source.records.readAll(signal)) {
    const comparisons = await home.records.compare(batch);
    for (const [place, record] of batch.entries()) {
      // Its time ran out meanwhile, and the database has deleted it.
      const isOver = record.kind === 'session' && record.value.expiresAtMs <= clock();
      if (comparisons[place] === 'same' || (comparisons[place] === 'absent' && isOver)) {
        raise(right, record.kind);
      } else problems.add(`${nameRecord(record)} is ${comparisons[place] ?? 'absent'} at the destination`);
    }
    await noteLostObjects(home, batch, notes);
    tell('verifying records', (done += batch.length), 0);
  }
  if (!overwrite) await findOthers(source, home, options);
  return right;
}

async function publish({ folder }: PortableHome, record: PortableRecord, notes: ProblemList): Promise<void> {
  if (folder === null || record.kind !== 'audio_file' || record.value.part === undefined) return;
  const { tenantId, filename, part } = record.value;
  try {
    if (await folder.publish(tenantId, filename, part.key)) return;
    notes.add(`something else has the name ${filename} in the folder; it was left alone`);
  } catch (error) {
    // The object is in neither home, which the verification tells.
    if (!isAppError(error, 'not_found')) throw error;
  }
}

/** All objects have been verified: what a record names and is not there was lost before. */
async function noteLostObjects(
  { objects }: PortableHome,
  batch: readonly PortableRecord[],
  notes: ProblemList,
): Promise<void> {
  const named = batch.flatMap((record) => {
    if (record.kind !== 'audio_file') return [];
    const { state, part } = record.value;
    if (part === undefined && state === 'ready') notes.add(`${nameRecord(record)} has no playable part`);
    return objectKeysOf(record.value).map((key) => ({ key, record }));
  });
  const infos = await objects.findMany(named.map(({ key }) => key));
  for (const [place, { key, record }] of named.entries()) {
    if (infos[place] !== null) continue;
    notes.add(`${nameRecord(record)} names ${key}, which ${isKeptKey(key) ? 'is lost' : 'is not copied'}`);
  }
}

const isAnother = (record: PortableRecord): string => `${nameRecord(record)} is another at the destination`;

function raise(counts: RecordCounts, kind: PortableKind): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
}
