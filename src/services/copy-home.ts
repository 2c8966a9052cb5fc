import { AppError } from '../domain/app-error.ts';
import type { Clock } from '../domain/clock.ts';
import { compareObjects, copyObjects, verifyObjects, type ObjectCount } from './copy-objects.ts';
import {
  copyRecords,
  countMissing,
  findOthers,
  verifyRecords,
  type CopyRecordsOptions,
  type RecordCounts,
} from './copy-records.ts';
import type { PortableHome, PortableSource, TellProgress } from './portable-home.ts';
import { ProblemList } from './problem-list.ts';

export interface CopyHomeOptions {
  /** Replaces records and objects that are different, and leaves others at the destination alone. */
  readonly overwrite: boolean;
  /** Only compares. */
  readonly dryRun: boolean;
  readonly clock: Clock;
  readonly tell: TellProgress;
  readonly signal?: AbortSignal | undefined;
}

export interface CopyOutcome {
  /** All that the source has, and of that what was copied, or would be. */
  readonly records: { readonly all: RecordCounts; readonly copied: RecordCounts };
  readonly objects: { readonly all: ObjectCount; readonly copied: ObjectCount };
  /** What is the same on both sides now, read anew; null for a dry run. */
  readonly verified: { readonly records: RecordCounts; readonly objects: ObjectCount } | null;
  /** None, where the copy is what the source is. */
  readonly problems: ProblemList;
  /** What was not right before either. */
  readonly notes: ProblemList;
}

/**
 * Makes the destination hold what the source holds: first its objects, then its records, so that none names an object
 * that is not there yet. What is the same already is passed over: after a kill, the same call goes on. In the end all is
 * read anew on both sides. Neither may be written by others meanwhile.
 *
 * @throws conflict, before anything is written, when the destination has work to do, or holds others or other versions
 * than the source (unless `overwrite`)
 */
export async function copyHome(
  source: PortableSource,
  home: PortableHome,
  { overwrite, dryRun, clock, tell, signal }: CopyHomeOptions,
): Promise<CopyOutcome> {
  await refuseOpenRequests(home, 'destination');
  const [problems, notes] = [new ProblemList(), new ProblemList()];
  const options = { overwrite, clock, tell, problems, notes, signal };
  if (!overwrite) await refuseOthers(source, home, options);
  const objects = await compareObjects(source, home.objects, overwrite ? new ProblemList() : problems);
  const records = await countMissing(source, home, options);
  if (problems.count > 0) throw isInTheWay(problems);
  if (dryRun) {
    return {
      records: { all: records.all, copied: records.missing },
      objects: { all: objects.all, copied: objects.missing },
      verified: null,
      problems,
      notes,
    };
  }

  const totalBytes = objects.all.bytes;
  const copiedObjects = await copyObjects(source, home.objects, { ...options, totalBytes });
  const copiedRecords = await copyRecords(source, home, options);
  const rightObjects = await verifyObjects(source, home.objects, { ...options, totalBytes });
  const rightRecords = await verifyRecords(source, home, options);
  return {
    records: { all: records.all, copied: copiedRecords },
    objects: { all: objects.all, copied: copiedObjects },
    verified: { records: rightRecords, objects: rightObjects },
    problems,
    notes,
  };
}

/** @throws conflict */
export async function refuseOpenRequests(
  { queue }: Pick<PortableHome, 'queue'>,
  which: 'source' | 'destination',
): Promise<void> {
  const open = await queue.countOpen();
  if (open === 0) return;
  throw new AppError(
    'conflict',
    `${open} ${open === 1 ? 'request is' : 'requests are'} not done at the ${which}. Let its server finish them ` +
      '(GET /ready tells how many are open), stop it, and try again.',
  );
}

async function refuseOthers(source: PortableSource, home: PortableHome, options: CopyRecordsOptions) {
  const problems = new ProblemList();
  await findOthers(source, home, { ...options, problems });
  if (problems.count > 0) throw isInTheWay(problems);
}

const isInTheWay = (problems: ProblemList): AppError =>
  new AppError(
    'conflict',
    `The destination holds something else (${problems.count}); nothing was changed:\n` +
      `${problems.lines.map((line) => `  ${line}`).join('\n')}\n` +
      'Use an empty destination; or --overwrite, which replaces what differs and leaves all others there.',
  );
