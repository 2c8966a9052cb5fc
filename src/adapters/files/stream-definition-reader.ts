import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { Log } from '../../domain/log.ts';
import { MAX_DEFINITION_BYTES } from '../../domain/stream.ts';
import type { StoredStream } from '../../domain/stream.ts';
import { decodeDefinition, UnreadableDefinition } from '../../domain/stream-definition-file.ts';
import { openForReading } from './durable-file.ts';
import type { LookAtFiles } from './look-at-files.ts';
import { systemCode } from './system-error.ts';

/** What there is under a stream's name: nothing, a file that is no definition, or the stream. */
export type DefinitionFound = 'absent' | 'unreadable' | StoredStream;

export interface DefinitionFile {
  readonly path: string;
  readonly tenantId: string;
  readonly name: string;
}

interface Remembered {
  /** Of the file that was read; another one when it was changed. */
  readonly stamp: Stamp;
  /** False when it was changed so shortly before that it may change again without another stamp. */
  readonly isSettled: boolean;
  readonly sizeBytes: number;
  readonly found: 'unreadable' | StoredStream;
}

const MAX_REMEMBERED_BYTES = 16 * 1024 * 1024;
/** What an entry costs besides the content. */
const ENTRY_BYTES = 512;
/** FAT keeps times to two seconds, others to milliseconds: a file changed twice within may look unchanged. */
const STAMP_PRECISION_MS = 2000;

/**
 * Reads definition files, of which a bounded number is remembered for as long as their stamps (inode, size, times) stay
 * as they were; so an edit by hand is seen by the next read. A file that is no definition is reported once for each
 * change. Symbolic links are not followed: a definition may not be read from outside the directory.
 *
 * @returns a function that throws errors of the file system as they are; `seen` is what somebody saw of the file just now
 */
export function createDefinitionReader(
  log: Log,
  lookAt: LookAtFiles<BigIntStats>,
): (file: DefinitionFile, seen?: BigIntStats) => Promise<DefinitionFound> {
  /** Least recently used first. */
  const remembered = new Map<string, Remembered>();
  let rememberedBytes = 0;

  function forget(path: string): void {
    const entry = remembered.get(path);
    if (entry === undefined) return;
    remembered.delete(path);
    rememberedBytes -= entry.sizeBytes;
  }

  function remember(path: string, entry: Remembered): void {
    forget(path);
    remembered.set(path, entry);
    rememberedBytes += entry.sizeBytes;
    for (const oldest of remembered.keys()) {
      if (rememberedBytes <= MAX_REMEMBERED_BYTES) break;
      forget(oldest);
    }
  }

  return async (file, seen) => {
    const { path } = file;
    const stats = seen ?? (await lookAt([path]))[0];
    if (stats === undefined) {
      forget(path);
      return 'absent';
    }
    const known = remembered.get(path);
    if (known?.isSettled === true && isSame(known.stamp, stats)) {
      remember(path, known);
      return known.found;
    }
    const read = await load(file, stats);
    if (read === 'absent') return 'absent';
    remember(path, read.entry);
    if (read.problem !== undefined && !(known !== undefined && isSame(known.stamp, read.entry.stamp))) {
      log.warn(
        { file: path, problem: read.problem },
        'a stream definition cannot be read and is left as it is',
      );
    }
    return read.entry.found;
  };
}

/** The revision of a stream in a file: the hash of all its bytes, so that any edit by hand is another one. */
export function revisionOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}

async function load(
  file: DefinitionFile,
  stats: BigIntStats,
): Promise<'absent' | { readonly entry: Remembered; readonly problem?: string }> {
  const refuse = (problem: string, of: BigIntStats) => ({ entry: entryOf(of, 'unreadable', 0), problem });
  if (stats.isSymbolicLink()) return refuse('It is a symbolic link.', stats);
  if (!stats.isFile()) return refuse('It is no regular file.', stats);
  if (stats.size > MAX_DEFINITION_BYTES) return refuse('It is larger than 300 KB.', stats);
  let handle;
  try {
    handle = await openForReading(file.path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'absent';
    if (systemCode(error) === 'EACCES') return refuse('This process may not read it.', stats);
    throw error;
  }
  try {
    // Of the file that is open, which may have replaced the one that was looked at.
    const opened = await handle.stat({ bigint: true });
    if (opened.size > MAX_DEFINITION_BYTES) return refuse('It is larger than 300 KB.', opened);
    const bytes = await handle.readFile();
    try {
      const definition = decodeDefinition(bytes, file.tenantId, file.name);
      const stream = { ...definition, revision: revisionOf(bytes), storedAtMs: Number(opened.mtimeMs) };
      return { entry: entryOf(opened, stream, bytes.length) };
    } catch (error) {
      if (error instanceof UnreadableDefinition) return refuse(error.message, opened);
      throw error;
    }
  } finally {
    await handle.close();
  }
}

function entryOf(stats: BigIntStats, found: Remembered['found'], contentBytes: number): Remembered {
  // The machine's own time, which the times of files are told in, whatever the clock of the domain is.
  const ageMs = Date.now() - Number(stats.mtimeMs);
  return {
    stamp: stats,
    isSettled: ageMs > STAMP_PRECISION_MS,
    sizeBytes: contentBytes + ENTRY_BYTES,
    found,
  };
}

type Stamp = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs'>;

const isSame = (one: Stamp, other: Stamp): boolean =>
  one.mtimeNs === other.mtimeNs &&
  one.ctimeNs === other.ctimeNs &&
  one.size === other.size &&
  one.ino === other.ino &&
  one.dev === other.dev;
