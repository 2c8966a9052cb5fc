import { Option, type Command } from 'commander';
import { ConfigError, unusable } from '../config-error.ts';
import type { ConfiguredTable } from '../dynamo-tables.ts';
import { readEnvironment } from '../environment.ts';
import { formatTable } from './terminal.ts';

const MADE = {
  created: 'is made',
  completed: 'was there, and has what it lacked now',
  unchanged: 'was there',
} as const;

export function addTablesCommands(program: Command): void {
  const tables = program
    .command('tables')
    .description('the tables of a home in DynamoDB, which DYNAMODB_TABLE, REQUESTS_TABLE, … name');

  tables
    .command('create')
    .description('make the tables with their indexes; an older table gets the indexes that it lacks')
    .addOption(dryRunOption())
    .action(({ dryRun }: { dryRun: boolean }) =>
      printEach((table) => (dryRun ? tellCreation(table) : create(table))),
    );

  tables
    .command('describe')
    .description('say whether the tables are there, and how much they hold')
    .action(() => printEach(describe));

  tables
    .command('delete')
    .description('delete the tables with all that is in them')
    .addOption(dryRunOption())
    .option('--yes <table>', 'the name of the table of records, to say that it is meant')
    .action(async ({ dryRun, yes }: { dryRun: boolean; yes?: string }) => {
      const { table } = configuredTables();
      if (!dryRun && yes !== table) {
        throw new ConfigError(
          `This deletes all users, records and streams for good. Say that it is meant: --yes ${table}`,
        );
      }
      await printEach((each) => (dryRun ? tellDeletion(each) : remove(each)));
    });
}

const dryRunOption = () => new Option('--dry-run', 'only say what would be done').default(false);

const create = async (table: ConfiguredTable) => `${table.name} ${MADE[await table.create()]}`;

async function tellCreation(table: ConfiguredTable): Promise<string> {
  if ((await table.describe()) === null) return `${table.name} would be made`;
  const missing = await table.findMissingIndexes();
  return `${table.name} is there${missing.length === 0 ? '' : `; it would get ${missing.join(', ')}`}`;
}

async function describe(table: ConfiguredTable): Promise<string> {
  const there = await table.describe();
  if (there === null) return `${table.name}  does not exist`;
  return formatTable([
    [table.name, there.status, `${there.itemCount} items, ${there.sizeBytes} bytes, as last counted`],
    ...there.indexes.map((index) => [`  ${index.name}`, index.status, '']),
  ]);
}

const remove = async (table: ConfiguredTable) =>
  `${table.name} ${(await table.delete()) ? 'is deleted' : 'was not there'}`;

async function tellDeletion(table: ConfiguredTable): Promise<string> {
  const there = await table.describe();
  return `${table.name} ${there === null ? 'is not there' : `would be deleted, with ${there.itemCount} items`}`;
}

function configuredTables() {
  const { dynamoTables } = readEnvironment();
  if (dynamoTables === null) throw unusable('DYNAMODB_TABLE', 'the name of the table of records');
  return dynamoTables;
}

async function printEach(tell: (table: ConfiguredTable) => Promise<string>): Promise<void> {
  const configured = configuredTables();
  // Only then: no other command needs the SDK.
  const { forEachTable } = await import('../dynamo-tables.ts');
  await forEachTable(configured, async (table) => console.log(await tell(table)));
}
