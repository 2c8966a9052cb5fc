import { Option, type Command } from 'commander';
import type { Config } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { readEnvironment } from '../environment.ts';
import { createLogger } from '../logger.ts';
import { printSummary, type MigrationSummary } from './migrate-output.ts';

interface Options {
  readonly streams?: string;
  readonly dryRun: boolean;
}

const HELP = `
A file is the predecessor's SQLite database: its users and the records of its audio files are taken over. Where
DYNAMODB_TABLE is set, the items of an older deployment in that table are upgraded in place first: they are listed,
found and counted from then on.

It can be run again at any time, and goes on where it was killed. What cannot be taken over is told, and the rest goes
on. docs/migrating.md says more.

  $ npx earshot migrate ~/old/yoto.db --streams ~/old/streams --dry-run`;

export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .argument('[file]', 'the database of the predecessor')
    .option('--streams <directory>', 'definitions of streams to be taken over')
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
  { streams, dryRun }: Options,
): Promise<MigrationSummary[]> {
  const isWithTarget = file !== undefined || streams !== undefined;
  if (config.dynamoTables === null && !isWithTarget) {
    throw new ConfigError(
      'There is nothing to migrate: name the database of the predecessor, or set DYNAMODB_TABLE to a table with its items.',
    );
  }
  const summaries: MigrationSummary[] = [];
  if (config.dynamoTables !== null) {
    const { upgradeTable } = await import('./migrate-table.ts');
    summaries.push(await upgradeTable(config.dynamoTables, dryRun));
  }
  if (!isWithTarget) return summaries;
  const { openMigrationTarget } = await import('../migration-target.ts');
  const log = createLogger('warn', process.stdout.isTTY, process.stderr);
  await using target = await openMigrationTarget(config, log, dryRun);
  if (file !== undefined) {
    const { migrateLibrary } = await import('./migrate-library.ts');
    summaries.push(await migrateLibrary(file, target));
  }
  if (streams !== undefined) {
    const { migrateStreams } = await import('./migrate-streams.ts');
    summaries.push(await migrateStreams(streams, target));
  }
  return summaries;
}
