import { PORTABLE_KINDS } from '../../domain/portable-record.ts';
import type { CopyOutcome } from '../../services/copy-home.ts';
import type { ObjectCount } from '../../services/copy-objects.ts';
import type { RecordCounts } from '../../services/copy-records.ts';
import { formatBytes } from './phase-progress.ts';
import { formatTable } from './terminal.ts';

/** What came of a copy, or would; the exit code is 1 where the destination is not what the source is. */
export function printOutcome({ records, objects, verified, problems, notes }: CopyOutcome): void {
  const rows = PORTABLE_KINDS.filter((kind) => records.all.has(kind)).map((kind) => [
    kind.replace('_', ' '),
    String(records.all.get(kind) ?? 0),
    String(records.copied.get(kind) ?? 0),
  ]);
  const head = ['', 'IN ALL', verified === null ? 'TO COPY' : 'COPIED'];
  const ofObjects = [
    'objects',
    `${objects.all.count} (${formatBytes(objects.all.bytes)})`,
    describeObjects(objects.copied),
  ];
  console.log(formatTable([head, ...rows, ofObjects]));
  for (const note of notes.lines) console.log(`Note: ${note}`);
  if (verified === null) {
    console.log('Nothing was changed (--dry-run).');
    return;
  }
  console.log(
    `Verified: ${total(verified.records)} of ${total(records.all)} records are the same on both sides, and ` +
      `${verified.objects.count} of ${objects.all.count} objects by their SHA-256.`,
  );
  if (problems.count === 0) return;
  console.log(`NOT the same (${problems.count}):`);
  for (const problem of problems.lines) console.log(`  ${problem}`);
  process.exitCode = 1;
}

const describeObjects = ({ count, bytes }: ObjectCount): string => `${count} (${formatBytes(bytes)})`;

const total = (counts: RecordCounts): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
