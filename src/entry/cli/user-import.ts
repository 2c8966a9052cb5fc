import { createArgon2Hasher } from '../../adapters/argon2/argon2-hasher.ts';
import { importUserRows } from '../../services/import-user-rows.ts';
import { readEnvironment } from '../environment.ts';
import { createLogger } from '../logger.ts';
import { openMigrationTarget } from '../migration-target.ts';
import { printSummary, showMigration } from './migrate-output.ts';
import { readUserCsv } from './user-csv.ts';

/** Adds the users of a CSV file to the home that the configuration names. */
export async function importUserFile(path: string, isDryRun: boolean): Promise<void> {
  const log = createLogger('warn', process.stdout.isTTY, process.stderr);
  await using target = await openMigrationTarget(readEnvironment(), log, isDryRun);
  const { users, clock } = target.ports;
  const ports = { records: target.records, users, clock, hasher: createArgon2Hasher() };
  const shown = showMigration('users');
  const { created, there, verified } = await importUserRows(ports, readUserCsv(path), shown.report, isDryRun);
  shown.finish();
  const counts = `${created} added, ${there} there already, ${shown.failures()} refused`;
  const line = isDryRun ? counts : `${counts}; looked for again: ${verified} are there`;
  printSummary(
    [{ lines: [line], failures: shown.failures() + (isDryRun ? 0 : created - verified) }],
    isDryRun,
  );
}
