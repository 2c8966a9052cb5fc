import type { OldLibrary } from '../../domain/old-library.ts';
import { migrateLibraryFiles } from '../../services/migrate-library-files.ts';
import { migrateLibraryUsers } from '../../services/migrate-library-users.ts';
import type { MigrationReport } from '../../services/migrate-report.ts';
import { openOldSqliteLibrary } from '../../adapters/sqlite/old-sqlite-library.ts';
import type { MigrationTarget } from '../migration-target.ts';
import { showMigration, type MigrationSummary } from './migrate-output.ts';

const SILENT: MigrationReport = { progress: () => {}, note: () => {}, failure: () => {} };

/** Takes over users and records of the predecessor's database. */
export async function migrateLibrary(path: string, target: MigrationTarget): Promise<MigrationSummary> {
  const library = openOldSqliteLibrary(path);
  try {
    const shown = showMigration('rows');
    const isDryRun = target.home === null;
    const { users, files } = await takeOver(target, library, shown.report, isDryRun);
    const settings = library.settingNames();
    if (settings.length > 0) {
      shown.report.note(`settings are not taken over; there were: ${settings.sort().join(', ')}`);
    }
    shown.finish();
    const counts =
      `${users.created} users and ${files.created} audio records taken over, ` +
      `${users.there} users and ${files.there} audio records there already`;
    const lines = [isDryRun ? counts : `${counts}; ${await verify(target, library)}`];
    return { lines, failures: shown.failures() };
  } finally {
    library.close();
  }
}

/** Looks for each of them again: whatever is not there would be created. */
async function verify(target: MigrationTarget, library: OldLibrary): Promise<string> {
  const { users, files } = await takeOver(target, library, SILENT, true);
  const missing = users.created + files.created;
  const found = `looked for again: ${users.there} users and ${files.there} audio records are there`;
  return missing === 0 ? found : `${found}, ${missing} are MISSING: run it again`;
}

async function takeOver(
  { records, ports, home }: MigrationTarget,
  library: OldLibrary,
  report: MigrationReport,
  isDryRun: boolean,
) {
  const { users, audioFiles, clock } = ports;
  const secret = home?.ports.secret ?? null;
  const objects = home?.ports.objects ?? null;
  return {
    users: await migrateLibraryUsers({ records, users, clock, secret }, library, report, isDryRun),
    files: await migrateLibraryFiles({ records, audioFiles, objects, clock }, library, report, isDryRun),
  };
}
