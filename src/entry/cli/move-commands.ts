import { Option, type Command } from 'commander';
import { copyHome, refuseOpenRequests } from '../../services/copy-home.ts';
import { readEnvironment } from '../environment.ts';
import { readHomePair, type HomePair } from '../home-pair.ts';
import { createLogger } from '../logger.ts';
import { openPortableHome } from '../portable-home.ts';
import { printOutcome } from './copy-output.ts';
import { showPhases } from './phase-progress.ts';

interface MoveOptions {
  readonly to: keyof HomePair;
  readonly dryRun: boolean;
  readonly overwrite: boolean;
}

export function addMoveCommand(program: Command): void {
  program
    .command('move')
    .description('copy all that there is to the other home: between SQLite and files, and DynamoDB and S3')
    .addOption(
      new Option('--to <home>', 'which home it goes to').choices(['aws', 'embedded']).makeOptionMandatory(),
    )
    .option('--dry-run', 'only say what would be done', false)
    .option('--overwrite', 'replace what differs at the destination; what else is there stays', false)
    .addHelpText(
      'after',
      `
Both homes come from the same settings: DYNAMODB_TABLE and S3_AUDIO_BUCKET name the one in AWS, DATABASE_URL,
AUDIO_FILES_DIR and STREAM_STORAGE_DIR the embedded one. Stop the servers of both. The source stays as it is; a move that
was killed goes on when it is started again; in the end all is read anew and compared.

  $ npx earshot tables create
  $ npx earshot move --to aws --dry-run
  $ npx earshot move --to aws

More in docs/moving.md.`,
    )
    .action(async ({ to, dryRun, overwrite }: MoveOptions) => {
      const pair = readHomePair(readEnvironment());
      const log = createLogger('warn', process.stdout.isTTY, process.stderr);
      const clock = Date.now;
      const from = to === 'aws' ? 'embedded' : 'aws';
      await using source = await openPortableHome(pair[from], { clock, log, whenAbsent: 'refused' });
      const whenAbsent = dryRun ? 'empty' : 'made';
      await using destination = await openPortableHome(pair[to], { clock, log, whenAbsent });
      console.log(`From  ${source.place}\nTo    ${destination.place}`);
      await refuseOpenRequests(source.home, 'source');
      const progress = showPhases(clock);
      try {
        const { tell } = progress;
        const outcome = await copyHome(source.source, destination.home, { overwrite, dryRun, clock, tell });
        progress.finish();
        printOutcome(outcome);
      } finally {
        progress.finish();
      }
    });
}
