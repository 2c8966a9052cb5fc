import { open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openTarReader } from '../adapters/archive/tar-reader.ts';
import { openTarWriter } from '../adapters/archive/tar-writer.ts';
import { parsePortableRecord } from '../adapters/archive/record-schema.ts';
import { makeDirectory, moveIntoPlace } from '../adapters/files/durable-file.ts';
import { openTemporaryDirectory } from '../adapters/files/temporary-directory.ts';
import { openDatabase } from '../adapters/sqlite/database.ts';
import { openSqlitePortableRecords } from '../adapters/sqlite/sqlite-portable-records.ts';
import { openSqliteStreamStore } from '../adapters/sqlite/sqlite-stream-store.ts';
import { AppError } from '../domain/app-error.ts';
import type { ArchiveWriter } from '../domain/archive.ts';
import type { Clock } from '../domain/clock.ts';
import { backupFilename, type BackupTotals } from '../services/backup-format.ts';
import { backupSource } from '../services/backup-source.ts';
import { checkBackup } from '../services/check-backup.ts';
import type { PortableSource, TellProgress } from '../services/portable-home.ts';
import { withStreams } from '../services/records-with-streams.ts';
import { ConfigError } from './config-error.ts';

/** Whatever is there of it was left by one that was killed. */
const UNFINISHED = '.part';

/** @returns where the backup goes: the file, or one named after the time in the directory. @throws ConfigError */
export async function resolveBackupPath(named: string | undefined, cwd: string, nowMs: number) {
  const path = named ?? cwd;
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory() === true) return join(path, backupFilename(nowMs));
  if (there === null) return path;
  throw new ConfigError(`${path} is there already. Name another file.`);
}

/**
 * Lets `write` fill an archive, reads it again whole, and puts it under its name: it is there whole, or not at all.
 * @throws what `write` and the check throw
 */
export async function writeBackupFile<Result>(
  path: string,
  write: (archive: ArchiveWriter) => Promise<Result>,
  tell: TellProgress,
): Promise<Result> {
  const unfinished = `${path}${UNFINISHED}`;
  await makeDirectory(dirname(path));
  await rm(unfinished, { force: true });
  const handle = await open(unfinished, 'wx', 0o600);
  try {
    const result = await write(openTarWriter(handle));
    await handle.sync();
    await checkBackup(openTarReader(unfinished), {
      parseRecord: parsePortableRecord,
      takeRecords: async () => undefined,
      tell,
    });
    await moveIntoPlace(unfinished, path);
    return result;
  } finally {
    await handle.close();
    await rm(unfinished, { force: true });
  }
}

export interface CheckedBackup extends AsyncDisposable {
  readonly source: PortableSource;
  readonly totals: BackupTotals;
}

/**
 * Reads a backup whole, before anything else is touched; its records go into a database of this process's own, where
 * they can be found by their keys.
 * @throws invalid_input, not_found, storage_unavailable
 */
export async function openBackupFile(
  path: string,
  tempDir: string,
  clock: Clock,
  tell: TellProgress,
): Promise<CheckedBackup> {
  await using opened = new AsyncDisposableStack();
  const temporary = await openTemporaryDirectory({ parent: tempDir, clock });
  opened.defer(() => temporary.close());
  const db = openDatabase(join(temporary.path, 'backup.db'));
  opened.defer(() => db.close());
  // What expired since counts as gone; streams among it are not even taken out.
  const records = withStreams(openSqlitePortableRecords(db, clock), openSqliteStreamStore(db, clock));
  const archive = openTarReader(path);
  const totals = await checkBackup(archive, {
    parseRecord: parsePortableRecord,
    takeRecords: async (batch) => {
      const comparisons = await records.save(batch);
      if (comparisons.every((comparison) => comparison === 'absent')) return;
      throw new AppError('invalid_input', 'The backup cannot be used: it holds two records of one key.');
    },
    tell,
  });
  const all = opened.move();
  return {
    source: backupSource(archive, records),
    totals,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
