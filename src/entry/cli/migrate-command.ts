import { Option, type Command } from 'commander';
import { unusable } from '../config-error.ts';
import type { Config } from '../config.ts';
import { readEnvironment } from '../environment.ts';
import { upgradeTable } from './migrate-table.ts';
import { printSummary } from './migrate-output.ts';

interface Options {
  readonly dryRun: boolean;
}

const HELP = `
Without a file, the items of an older deployment in the table that DYNAMODB_TABLE names are upgraded in place: they are
listed, found and counted from then on.

It can be run again at any time, and goes on where it was killed. What cannot be taken over is told, and the rest goes on.

  $ npx earshot migrate --dry-run`;

export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('take over what the predecessor of Earshot kept')
    .addOption(new Option('--dry-run', 'only say what would be done').default(false))
    .addHelpText('after', HELP)
    .action(async ({ dryRun }: Options) => {
      const config = readEnvironment();
      requireSource(config);
      printSummary([await upgradeTable(config.dynamoTables, dryRun)], dryRun);
    });
}

function requireSource(config: Config): asserts config is Config & { dynamoTables: object } {
  if (config.dynamoTables !== null) return;
  throw unusable('DYNAMODB_TABLE', 'the name of the table with the items of an older deployment');
}
