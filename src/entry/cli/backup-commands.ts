import { resolve } from 'node:path';
import type { Command } from 'commander';
import { backUp } from '../../services/back-up.ts';
import type { BackupTotals } from '../../services/backup-format.ts';
import { copyHome } from '../../services/copy-home.ts';
import type { PortableSource } from '../../services/portable-home.ts';
import { ProblemList } from '../../services/problem-list.ts';
import { openBackupFile, resolveBackupPath, writeBackupFile } from '../backup-file.ts';
import { readEnvironment } from '../environment.ts';
import { createLogger } from '../logger.ts';
import { openPortableHome } from '../portable-home.ts';
import { VERSION } from '../version.ts';
import { printOutcome } from './copy-output.ts';
import { formatBytes, showPhases } from './phase-progress.ts';

export function addBackupCommands(program: Command): void {
  program
    .command('backup')
    .argument('[file]', 'an archive to make, or a directory for one named after the time; else here')
    .option('--dry-run', 'only say what there is', false)
    .description('put all that there is into one archive')
    .addHelpText(
      'after',
      `
Users, files, streams, links and all objects, of whichever home the settings name. The server may run meanwhile. The archive
holds password hashes and the signing secret: only its owner may read it; keep it so.

  $ npx earshot backup ~/backups
  $ npx earshot restore ~/backups/earshot-2026-11-21T18-00-00Z.tar --dry-run`,
    )
    .action(async (file: string | undefined, { dryRun }: { dryRun: boolean }) => {
      const clock = Date.now;
      const cwd = process.cwd();
      const path = await resolveBackupPath(file === undefined ? undefined : resolve(cwd, file), cwd, clock());
      const log = createLogger('warn', process.stdout.isTTY, process.stderr);
      await using home = await openPortableHome(readEnvironment(), { clock, log, whenAbsent: 'refused' });
      console.log(`From  ${home.place}\nTo    ${path}`);
      const progress = showPhases(clock);
      const notes = new ProblemList();
      const { tell } = progress;
      try {
        const totals = dryRun
          ? await countAll(home.source)
          : await writeBackupFile(
              path,
              (archive) => backUp(home.source, archive, { clock, program: VERSION, tell, notes }),
              tell,
            );
        progress.finish();
        for (const note of notes.lines) console.log(`Note: ${note}`);
        console.log(`${totals.records} records and ${totals.objects} objects (${formatBytes(totals.bytes)})`);
        console.log(
          dryRun ? 'Nothing was written (--dry-run).' : 'Written, read again, and every SHA-256 compared.',
        );
      } finally {
        progress.finish();
      }
    });

  program
    .command('restore')
    .argument('<file>', 'an archive that `backup` made')
    .option('--dry-run', 'check the archive, and say what would be done', false)
    .option('--overwrite', 'replace what differs; what else is there stays', false)
    .description('bring back all that is in an archive, into whichever home the settings name')
    .addHelpText(
      'after',
      `
The whole archive is checked before anything is touched. The home must be empty, or hold nothing but what the archive
holds; stop its server. A restore that was killed goes on when it is started again.

  $ DATA_DIR=/srv/earshot npx earshot restore earshot.tar --dry-run
  $ DATA_DIR=/srv/earshot npx earshot restore earshot.tar`,
    )
    .action(async (file: string, { dryRun, overwrite }: { dryRun: boolean; overwrite: boolean }) => {
      const clock = Date.now;
      const config = readEnvironment();
      const progress = showPhases(clock);
      const { tell } = progress;
      try {
        const log = createLogger('warn', process.stdout.isTTY, process.stderr);
        await using backup = await openBackupFile(resolve(file), config.tempDir, clock, tell);
        const whenAbsent = dryRun ? 'empty' : 'made';
        await using home = await openPortableHome(config, { clock, log, whenAbsent });
        progress.finish();
        console.log(`The archive is sound.\nFrom  ${resolve(file)}\nTo    ${home.place}`);
        const outcome = await copyHome(backup.source, home.home, { overwrite, dryRun, clock, tell });
        progress.finish();
        printOutcome(outcome);
      } finally {
        progress.finish();
      }
    });
}

async function countAll(source: PortableSource): Promise<BackupTotals> {
  const totals = { records: 0, objects: 0, bytes: 0 };
  for await (const batch of source.records.readAll()) totals.records += batch.length;
  for await (const { sizeBytes } of source.listHashes()) {
    totals.objects += 1;
    totals.bytes += sizeBytes;
  }
  return totals;
}
