import { isAppError, type ErrorCode } from '../domain/app-error.ts';

/** Whom a migration tells, while it runs: of thousands of records, nothing is gathered. Lines are for a person. */
export interface MigrationReport {
  /** One more is done. */
  progress(label: string): void;
  /** What is worth knowing. */
  note(line: string): void;
  /** What was not taken over. */
  failure(line: string): void;
}

/** Errors that the next record would meet as well. */
const OF_ALL: ReadonlySet<ErrorCode> = new Set([
  'storage_unavailable',
  'insufficient_storage',
  'tool_unavailable',
  'aborted',
]);

/** Tells what is wrong with one record, so that the rest goes on. @returns whether it was done */
export async function unlessRefused(
  report: MigrationReport,
  title: string,
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!isAppError(error) || OF_ALL.has(error.code)) throw error;
    report.failure(`${title}: ${error.message}`);
    return false;
  }
}
