import type { MigrationReport } from '../../services/migrate-report.ts';
import { showCount } from './count-progress.ts';

export interface ShownReport {
  readonly report: MigrationReport;
  /** How many lines of failure there were. */
  readonly failures: () => number;
  finish(): void;
}

/** Progress on standard error, and what a person must look at on standard output, at once. */
export function showMigration(noun: string): ShownReport {
  const progress = showCount(noun);
  let done = 0;
  let failures = 0;
  const print = (line: string) => {
    progress.finish();
    console.log(line);
  };
  return {
    report: {
      progress: (label) => progress.update((done += 1), label),
      note: (line) => print(`note: ${line}`),
      failure: (line) => {
        failures += 1;
        print(`not taken over: ${line}`);
      },
    },
    failures: () => failures,
    finish: () => progress.finish(),
  };
}

export interface MigrationSummary {
  readonly lines: readonly string[];
  readonly failures: number;
}

/** Fails when anything was not taken over, so that a script sees it. */
export function printSummary(summaries: readonly MigrationSummary[], isDryRun: boolean): void {
  if (isDryRun) console.log('Nothing was written. It would be:');
  for (const { lines } of summaries) for (const line of lines) console.log(line);
  if (summaries.some(({ failures }) => failures > 0)) process.exitCode = 1;
}
