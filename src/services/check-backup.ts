import { createHash } from 'node:crypto';
import type { ArchiveEntry, ArchiveReader } from '../domain/archive.ts';
import { isObjectKey } from '../domain/object-store.ts';
import { MAX_PORTABLE_BATCH, type PortableKind, type PortableRecord } from '../domain/portable-record.ts';
import {
  END,
  FORMAT,
  FORMAT_VERSION,
  hashesName,
  HASHES_EVERY,
  kindOfEntry,
  MANIFEST,
  MAX_TEXT_BYTES,
  OBJECTS,
  recordsName,
  unusableBackup,
  type BackupTotals,
  type HashLine,
} from './backup-format.ts';
import { isKeptKey } from './kept-objects.ts';
import type { TellProgress } from './portable-home.ts';

export interface CheckBackupOptions {
  /** A record as its line has it. @throws invalid_input for what is none */
  readonly parseRecord: (kind: PortableKind, value: unknown) => PortableRecord;
  /** Takes the records, at most 100 at a time, as they are read. */
  readonly takeRecords: (records: readonly PortableRecord[]) => Promise<void>;
  readonly tell: TellProgress;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a whole archive: its version, the name and SHA-256 of every entry, every record, and that nothing is missing at
 * its end or comes after it.
 * @throws invalid_input saying what is wrong
 */
export async function checkBackup(
  archive: ArchiveReader,
  { parseRecord, takeRecords, tell, signal }: CheckBackupOptions,
): Promise<BackupTotals> {
  const chain = createHash('sha256');
  const places = new Map<PortableKind, number>();
  const totals = { records: 0, objects: 0, bytes: 0 };
  let pending: HashLine[] = [];
  let lists = 0;
  let lastKey = '';
  let state: 'empty' | 'begun' | 'ended' = 'empty';

  async function readText(entry: ArchiveEntry): Promise<Buffer> {
    const { name } = entry;
    if (entry.sizeBytes > MAX_TEXT_BYTES) throw unusableBackup(`${name} is too large.`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry.body) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  const note = (name: string, bytes: Buffer): void => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    pending.push({ name, size: bytes.length, sha256 });
  };

  async function readRecords(entry: ArchiveEntry, kind: PortableKind): Promise<void> {
    const place = (places.get(kind) ?? 0) + 1;
    places.set(kind, place);
    if (entry.name !== recordsName(kind, place)) throw unusableBackup(`${entry.name} is out of its order.`);
    const bytes = await readText(entry);
    note(entry.name, bytes);
    const lines = bytes.toString('utf8').split('\n');
    if (lines.pop() !== '') throw unusableBackup(`${entry.name} is cut off.`);
    for (let at = 0; at < lines.length; at += MAX_PORTABLE_BATCH) {
      const batch = lines.slice(at, at + MAX_PORTABLE_BATCH);
      await takeRecords(
        batch.map((line, offset) => parseLine(line, kind, `${entry.name}, line ${at + offset + 1}`)),
      );
      totals.records += batch.length;
    }
    tell('checking records', totals.records, 0);
  }

  function parseLine(line: string, kind: PortableKind, where: string): PortableRecord {
    try {
      return parseRecord(kind, JSON.parse(line));
    } catch (error) {
      throw unusableBackup(`${where} is no ${kind}: ${messageOf(error)}`, error);
    }
  }

  async function readObject(entry: ArchiveEntry): Promise<void> {
    const key = entry.name.slice(OBJECTS.length);
    if (!isObjectKey(key) || !isKeptKey(key))
      throw unusableBackup('It holds an object under a hostile name.');
    if (key <= lastKey) throw unusableBackup(`${entry.name} is out of its order.`);
    lastKey = key;
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of entry.body) {
      hash.update(chunk);
      size += chunk.length;
    }
    if (size !== entry.sizeBytes) throw unusableBackup(`${entry.name} is cut off.`);
    pending.push({ name: entry.name, size, sha256: hash.digest('hex') });
    totals.objects += 1;
    totals.bytes += size;
    tell('checking objects', totals.bytes, 0);
  }

  async function readHashes(entry: ArchiveEntry): Promise<void> {
    lists += 1;
    if (entry.name !== hashesName(lists)) throw unusableBackup(`${entry.name} is out of its order.`);
    const bytes = await readText(entry);
    chain.update(bytes);
    const lines = parseHashes(entry.name, bytes);
    for (const [place, line] of lines.entries()) {
      const there = pending[place];
      if (there?.name !== line.name || there.size !== line.size || there.sha256 !== line.sha256) {
        throw unusableBackup(`${line.name} is not what was written.`);
      }
    }
    if (pending.length !== lines.length) throw unusableBackup(`${entry.name} misses entries.`);
    pending = [];
  }

  async function readEnd(entry: ArchiveEntry): Promise<void> {
    const end = parseObject(END, await readText(entry));
    const isAll =
      pending.length === 0 &&
      end['records'] === totals.records &&
      end['objects'] === totals.objects &&
      end['bytes'] === totals.bytes &&
      end['sha256'] === chain.digest('hex');
    if (!isAll) throw unusableBackup('It does not hold all that was written.');
  }

  for await (const entry of archive.readEntries(signal)) {
    const kind = kindOfEntry(entry.name);
    if (state === 'ended') throw unusableBackup('Something comes after its end.');
    if (state === 'empty') {
      if (entry.name !== MANIFEST) throw unusableBackup('It is no backup of Earshot.');
      const bytes = await readText(entry);
      checkManifest(bytes);
      note(MANIFEST, bytes);
      state = 'begun';
    } else if (kind !== null) await readRecords(entry, kind);
    else if (entry.name.startsWith(OBJECTS)) await readObject(entry);
    else if (entry.name.startsWith('hashes/')) await readHashes(entry);
    else if (entry.name === END) {
      await readEnd(entry);
      state = 'ended';
    } else throw unusableBackup('It holds something that belongs to no backup.');
    if (pending.length > HASHES_EVERY) throw unusableBackup('It lacks a list of hashes.');
  }
  if (state !== 'ended') throw unusableBackup('It is cut off.');
  return totals;
}

function checkManifest(bytes: Buffer): void {
  const { format, version } = parseObject(MANIFEST, bytes);
  if (format !== FORMAT) throw unusableBackup('It is no backup of Earshot.');
  if (version === FORMAT_VERSION) return;
  throw unusableBackup(
    `It is of version ${String(version)}; this Earshot knows version ${FORMAT_VERSION}. Use a newer Earshot.`,
  );
}

function parseObject(name: string, bytes: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw unusableBackup(`${name} is no JSON.`, error);
  }
  throw unusableBackup(`${name} is no object.`);
}

/** @throws invalid_input */
export function parseHashes(name: string, bytes: Buffer): HashLine[] {
  const lines = bytes.toString('utf8').split('\n');
  if (lines.pop() !== '') throw unusableBackup(`${name} is cut off.`);
  return lines.map((text) => {
    const { name: entry, size, sha256 } = parseObject(name, Buffer.from(text));
    if (typeof entry !== 'string' || typeof size !== 'number' || typeof sha256 !== 'string') {
      throw unusableBackup(`${name} is no list of hashes.`);
    }
    return { name: entry, size, sha256 };
  });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
