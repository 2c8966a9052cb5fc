import { Option, type Command } from 'commander';
import type { Config } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { readEnvironment } from '../environment.ts';
import { createLogger } from '../logger.ts';
import { printSummary, type MigrationSummary } from './migrate-output.ts';

interface Options {
  readonly streams?: string;
  /** false: it is left where it is. */
  readonly audio?: string | false;
  readonly deleteOld: boolean;
  readonly dryRun: boolean;
}

const HELP = `
A file is the predecessor's SQLite database: its users and the records of its audio files are taken over. Where
DYNAMODB_TABLE is set, the items of an older deployment in that table are upgraded in place first: they are listed,
found and counted from then on. Where S3_AUDIO_BUCKET is set, the audio files at the root of that bucket are taken into
the library; those of an old directory, with --audio. They stay where they are, unless --delete-old is given.

It can be run again at any time, and goes on where it was killed. What cannot be taken over is told, and the rest goes
on. docs/migrating.md says more.

  $ npx earshot migrate ~/old/yoto.db --audio ~/old/audio_files --streams ~/old/streams --dry-run`;

export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .argument('[file]', 'the database of the predecessor')
    .option('--streams <directory>', 'definitions of streams to be taken over')
    .option('--audio <directory>', 'where the predecessor kept its audio; else the root of S3_AUDIO_BUCKET')
    .option('--no-audio', 'leave the audio where it is')
    .option('--delete-old', 'delete each old audio file once the library verifiably holds it', false)
    .addOption(new Option('--dry-run', 'only say what would be done').default(false))
    .description('take over what the predecessor of Earshot kept')
    .addHelpText('after', HELP)
    .action(async (file: string | undefined, options: Options) => {
      printSummary(await migrate(readEnvironment(), file, options), options.dryRun);
    });
}

async function migrate(
  config: Config,
  file: string | undefined,
  { streams, audio, deleteOld, dryRun }: Options,
): Promise<MigrationSummary[]> {
  const hasAudio = typeof audio === 'string' || (audio !== false && config.audioBucket !== null);
  const isWithTarget = file !== undefined || streams !== undefined || hasAudio;
  if (config.dynamoTables === null && !isWithTarget) {
    throw new ConfigError(
      'There is nothing to migrate: name the database of the predecessor, or --audio, or --streams; or set DYNAMODB_TABLE ' +
        'to a table with its items, or S3_AUDIO_BUCKET to a bucket with its audio.',
    );
  }
  const summaries: MigrationSummary[] = [];
  if (config.dynamoTables !== null) {
    const { upgradeTable } = await import('./migrate-table.ts');
    summaries.push(await upgradeTable(config.dynamoTables, config, dryRun));
  }
  if (!isWithTarget) return summaries;
  const { openMigrationTarget } = await import('../migration-target.ts');
  const log = createLogger('warn', process.stdout.isTTY, process.stderr);
  await using target = await openMigrationTarget(config, log, dryRun);
  if (file !== undefined) {
    const { migrateLibrary } = await import('./migrate-library.ts');
    summaries.push(await migrateLibrary(file, target));
  }
  if (hasAudio) {
    const { migrateOldAudio } = await import('./migrate-audio.ts');
    const directory = typeof audio === 'string' ? audio : undefined;
    const done = await migrateOldAudio(config, target, { directory, deletesOld: deleteOld });
    if (done !== null) summaries.push(done);
  }
  if (streams !== undefined) {
    const { migrateStreams } = await import('./migrate-streams.ts');
    summaries.push(await migrateStreams(streams, target));
  }
  return summaries;
}
