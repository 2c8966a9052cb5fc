import { AppError } from '../domain/app-error.ts';
import type { StreamArchive } from '../domain/archive.ts';
import type { Caller } from '../domain/caller.ts';
import { authorizeOperator } from './authorize.ts';
import { backUp } from './back-up.ts';
import { backupFilename } from './backup-format.ts';
import { hashKept, readKept } from './kept-objects.ts';
import type { OpenPortableRecords, PortableSource } from './portable-home.ts';
import type { Ports } from './ports.ts';
import { ProblemList } from './problem-list.ts';
import { withStreams } from './records-with-streams.ts';

/** What a backup is made with, beside what a server has open. */
export interface BackupTools {
  /** All records of the home but its streams. @throws storage_unavailable */
  openRecords(): Promise<OpenPortableRecords>;
  readonly archive: StreamArchive;
  /** The version of this program. */
  readonly program: string;
}

export interface BackupDownload {
  readonly filename: string;
  /** Once. Nothing of it is on the disk, and in memory what is on its way. */
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Begins a backup for the operator. @throws unauthorized, forbidden; conflict where none can be made */
export type BeginBackup = (caller: Caller | null) => BackupDownload;

type BackupPorts = Pick<Ports, 'objects' | 'streams' | 'clock' | 'log'>;

/**
 * Backups of the home of a server, one at a time: each reads all that there is. `open` throws conflict, with its first
 * chunk, while another one is under way.
 * @param tools null where an answer cannot be as long as that
 */
export function createBackups(ports: BackupPorts, tools: BackupTools | null): BeginBackup {
  let isUnderWay = false;

  async function* stream(made: BackupTools, userId: string, signal: AbortSignal) {
    if (isUnderWay) {
      throw new AppError('conflict', 'A backup is being downloaded. Wait for its end, or break it off.');
    }
    isUnderWay = true;
    try {
      const portable = await made.openRecords();
      try {
        const source = sourceOf(ports, portable, signal);
        yield* made.archive(async (archive) => {
          const { clock, log } = ports;
          const notes = new ProblemList();
          const tell = () => undefined;
          const { program } = made;
          const totals = await backUp(source, archive, { clock, program, tell, notes, signal });
          log.info({ userId, ...totals, notes: notes.lines }, 'a backup was downloaded');
        });
      } finally {
        portable.close();
      }
    } finally {
      isUnderWay = false;
    }
  }

  return (caller) => {
    const { userId } = authorizeOperator(caller);
    if (tools === null) {
      throw new AppError(
        'conflict',
        'A function cannot make a backup: its answers are bounded. `npx earshot backup` makes one on any machine that reaches the same tables and bucket.',
      );
    }
    return {
      filename: backupFilename(ports.clock()),
      open: (signal) => {
        ports.log.info({ userId }, 'a backup is being downloaded');
        return stream(tools, userId, signal);
      },
    };
  };
}

const sourceOf = (
  { objects, streams }: BackupPorts,
  { records }: OpenPortableRecords,
  signal: AbortSignal,
): PortableSource => ({
  records: withStreams(records, streams),
  readObjects: () => readKept(objects, signal),
  listHashes: () => hashKept(objects, signal),
});
