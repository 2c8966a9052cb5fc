import { createHash } from 'node:crypto';
import type { ArchiveWriter } from '../domain/archive.ts';
import type { Clock } from '../domain/clock.ts';
import type { PortableKind } from '../domain/portable-record.ts';
import {
  END,
  FORMAT,
  FORMAT_VERSION,
  HASHES_EVERY,
  hashesName,
  MANIFEST,
  OBJECTS,
  RECORDS_BYTES,
  recordsName,
  type BackupEnd,
  type BackupManifest,
  type BackupTotals,
  type HashLine,
} from './backup-format.ts';
import { promisedSha256 } from './kept-objects.ts';
import type { PortableSource, TellProgress } from './portable-home.ts';
import type { ProblemList } from './problem-list.ts';

export interface BackUpOptions {
  readonly clock: Clock;
  /** The version of this program. */
  readonly program: string;
  readonly tell: TellProgress;
  /** What was not right in the home either. */
  readonly notes: ProblemList;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes all of a home into an archive: first the records, then the objects, so that what a record names is there also
 * when the server runs meanwhile: objects live on for a day after the last record has let go of them.
 */
export async function backUp(
  source: PortableSource,
  archive: ArchiveWriter,
  { clock, program, tell, notes, signal }: BackUpOptions,
): Promise<BackupTotals> {
  const hashed = hashEntries(archive);
  const totals = { records: 0, objects: 0, bytes: 0 };
  const manifest: BackupManifest = {
    format: FORMAT,
    version: FORMAT_VERSION,
    created_at: new Date(clock()).toISOString(),
    program,
  };
  await hashed.addText(MANIFEST, `${JSON.stringify(manifest)}\n`);

  const gathered = new Map<PortableKind, { lines: string[]; bytes: number; written: number }>();
  const flush = async (kind: PortableKind): Promise<void> => {
    const batch = gathered.get(kind);
    if (batch === undefined || batch.lines.length === 0) return;
    const text = batch.lines.join('');
    gathered.set(kind, { lines: [], bytes: 0, written: batch.written + 1 });
    await hashed.addText(recordsName(kind, batch.written + 1), text);
  };
  for await (const batch of source.records.readAll(signal)) {
    for (const { kind, value } of batch) {
      const line = `${JSON.stringify(value)}\n`;
      const own = gathered.get(kind) ?? { lines: [], bytes: 0, written: 0 };
      own.lines.push(line);
      own.bytes += Buffer.byteLength(line);
      gathered.set(kind, own);
      if (own.bytes >= RECORDS_BYTES) await flush(kind);
    }
    totals.records += batch.length;
    tell('records', totals.records, 0);
  }
  for (const kind of gathered.keys()) await flush(kind);

  for await (const object of source.readObjects()) {
    const { key, sizeBytes } = object;
    try {
      const sha256 = await hashed.add(`${OBJECTS}${key}`, sizeBytes, object.read());
      const promised = promisedSha256(key);
      if (promised !== null && promised !== sha256) notes.add(`object ${key} is damaged in this home`);
    } finally {
      object.release();
    }
    totals.objects += 1;
    totals.bytes += sizeBytes;
    tell('objects', totals.bytes, 0);
  }
  await hashed.finish(totals);
  return totals;
}

interface HashedArchive {
  /** @returns the SHA-256 */
  add(name: string, sizeBytes: number, body: AsyncIterable<Uint8Array>): Promise<string>;
  addText(name: string, text: string): Promise<void>;
  finish(totals: BackupTotals): Promise<void>;
}

/** Puts the lists of hashes between the entries. */
function hashEntries(archive: ArchiveWriter): HashedArchive {
  const chain = createHash('sha256');
  let lines: HashLine[] = [];
  let lists = 0;

  async function flush(): Promise<void> {
    if (lines.length === 0) return;
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    lines = [];
    lists += 1;
    chain.update(bytes);
    await archive.add(hashesName(lists), bytes.length, [bytes]);
  }

  async function add(
    name: string,
    sizeBytes: number,
    body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ) {
    const hash = createHash('sha256');
    const watched = async function* () {
      for await (const chunk of body) {
        hash.update(chunk);
        yield chunk;
      }
    };
    await archive.add(name, sizeBytes, watched());
    const sha256 = hash.digest('hex');
    lines.push({ name, size: sizeBytes, sha256 });
    if (lines.length >= HASHES_EVERY) await flush();
    return sha256;
  }

  return {
    add,
    async addText(name, text) {
      const bytes = Buffer.from(text);
      await add(name, bytes.length, [bytes]);
    },
    async finish(totals) {
      await flush();
      const end: BackupEnd = { ...totals, sha256: chain.digest('hex') };
      const bytes = Buffer.from(`${JSON.stringify(end)}\n`);
      await archive.add(END, bytes.length, [bytes]);
      await archive.finish();
    },
  };
}
