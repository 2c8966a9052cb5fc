import { Command } from 'commander';
import { addBackupCommands } from './cli/backup-commands.ts';
import { addDoctorCommand } from './cli/doctor-command.ts';
import { addImportCommand } from './cli/import-command.ts';
import { addMigrateCommand } from './cli/migrate-command.ts';
import { addMoveCommand } from './cli/move-commands.ts';
import { addRequestCommands } from './cli/request-commands.ts';
import { addSampleCommand } from './cli/sample-command.ts';
import { addServeCommand } from './cli/serve-command.ts';
import { addStreamCommands } from './cli/stream-commands.ts';
import { addTablesCommands } from './cli/tables-commands.ts';
import { addUserCommands } from './cli/user-commands.ts';
import { failureText } from './failure-text.ts';
import { VERSION } from './version.ts';

const program = new Command('earshot')
  .description(
    'Put audio in, arrange it into streams, and any player that opens a URL hears one continuous MP3.',
  )
  .version(VERSION)
  .showHelpAfterError('(add --help for how to call it)')
  .addHelpText(
    'after',
    `
The commands work on the data in the current directory, or in DATA_DIR, whether the server runs or not.
Settings come from the environment or from a file .env; docs/configuration.md lists them.

A first evening:
  $ npx earshot serve                                       the server, on http://127.0.0.1:8080
  $ npx earshot import ~/Audiobooks/Pippi                   a folder of audio, whatever its format
  $ npx earshot stream create bedtime pippi-1.mp3 pippi-2.mp3
  $ npx earshot stream show bedtime                         what will be heard, and when`,
  );

addServeCommand(program);
addDoctorCommand(program);
addUserCommands(program);
addStreamCommands(program);
addRequestCommands(program);
addImportCommand(program);
addSampleCommand(program);
addTablesCommands(program);
addMoveCommand(program);
addBackupCommands(program);
addMigrateCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`earshot: ${failureText(error)}\n`);
  process.exitCode = 1;
}
