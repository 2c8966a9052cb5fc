import type { MigrationReport } from '../../services/migrate-report.ts';
import { unlessRefused } from '../../services/migrate-report.ts';
import { isAdopted, listOldAudio, migrateAudio } from '../../services/migrate-audio.ts';
import type { Config } from '../config.ts';
import type { MigrationTarget } from '../migration-target.ts';
import { openOldAudio, type OpenOldAudio } from '../old-audio.ts';
import { withWorker } from './add-audio.ts';
import { showMigration, type MigrationSummary } from './migrate-output.ts';

export interface AudioOptions {
  /** Else the root of the bucket. */
  readonly directory: string | undefined;
  readonly deletesOld: boolean;
}

const SILENT: MigrationReport = { progress: () => {}, note: () => {}, failure: () => {} };

/** Takes in the audio of an older deployment. @returns null where there is no place to look into */
export async function migrateOldAudio(
  config: Config,
  target: MigrationTarget,
  { directory, deletesOld }: AudioOptions,
): Promise<MigrationSummary | null> {
  const { home } = target;
  const opened = await openOldAudio(config, directory, home);
  if (opened === null) return null;
  const shown = showMigration('audio files');
  try {
    if (home === null) {
      const { open, there } = await look(target, opened, shown.report);
      shown.finish();
      return {
        lines: [`${open} audio files of ${opened.oldAudio.place} taken in, ${there} there already`],
        failures: shown.failures(),
      };
    }
    const options = { deletesOld, atOnce: Math.max(1, config.workers) };
    const { takenIn, there, deleted } = await withWorker(home, config, () =>
      migrateAudio(home.ports, opened.oldAudio, shown.report, options),
    );
    shown.finish();
    const counts = `${takenIn} audio files of ${opened.oldAudio.place} taken in, ${there} there already`;
    const gone = deletesOld ? `, ${deleted} deleted there` : '';
    const after = await look(target, opened, SILENT);
    const verified = `looked for again: of those still there, the library holds ${after.there}, and ${after.open} not`;
    return { lines: [`${counts}${gone}; ${verified}`], failures: shown.failures() };
  } finally {
    opened.close();
  }
}

/** Counts what the library holds of what is there, and what it does not. */
async function look(
  { ports }: MigrationTarget,
  { oldAudio }: OpenOldAudio,
  report: MigrationReport,
): Promise<{ readonly open: number; readonly there: number }> {
  const counts = { open: 0, there: 0 };
  for await (const file of listOldAudio(oldAudio, report)) {
    await unlessRefused(report, file.name, async () => {
      const record = await ports.audioFiles.find('default', file.name);
      if (record?.part !== undefined && (await oldAudio.isLinkTo(file, record.part.key))) return;
      counts[(await isAdopted(ports, oldAudio, file)) ? 'there' : 'open'] += 1;
    });
    report.progress(file.name);
  }
  return counts;
}
