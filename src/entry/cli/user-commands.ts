import { Option, type Command } from 'commander';
import { LOCAL_CALLER } from '../../services/authenticate.ts';
import { addUser, changeUser } from '../../services/users.ts';
import { DEFAULT_TENANT } from '../../domain/tenant.ts';
import { ConfigError } from '../config-error.ts';
import { withHome } from './with-home.ts';
import { readPassword } from './terminal.ts';

const PASSWORD_HELP = `
The password is asked for and not shown; in a script it is the first line of standard input:
  $ echo "$NEW_PASSWORD" | npx earshot user`;

const IMPORT_HELP = `
Who has a name already is left alone, so that the command can be run again, and goes on where it was killed. Hashes are
of argon2id, as $argon2id$v=19$…; passwords in clear are hashed. A row that is wrong is told with its line.

  $ npx earshot user import family.csv --dry-run`;

export function addUserCommands(program: Command): void {
  const user = program.command('user').description('who may log in');

  user
    .command('add')
    .argument('<name>', 'what to log in with')
    .option('--admin', 'may manage users and delete the files of others', false)
    .option('--email <address>')
    .description('add a user')
    .addHelpText('after', `${PASSWORD_HELP} add grandma`)
    .action(async (username: string, options: { admin: boolean; email?: string }) => {
      const password = await readPassword(`Password for ${username}: `);
      await withHome(({ ports }) =>
        addUser(ports, DEFAULT_TENANT, { username, password, email: options.email, isAdmin: options.admin }),
      );
      console.log(`${username} can log in${options.admin ? ', as an administrator' : ''}.`);
    });

  user
    .command('password')
    .argument('<name>', 'whose password')
    .description('set a password; whoever is logged in as this user must log in again')
    .addHelpText('after', `${PASSWORD_HELP} password grandma`)
    .action(async (username: string) => {
      await withHome(async ({ ports }) => {
        const found = await ports.users.findByName(username);
        if (found === null) throw new ConfigError(`There is no user ${username}.`);
        const password = await readPassword(`New password for ${found.username}: `);
        await changeUser(ports, { ...LOCAL_CALLER, tenantId: found.tenantId }, found.id, { password });
      });
      console.log(`The password of ${username} is set.`);
    });

  user
    .command('import')
    .argument(
      '<file>',
      'CSV: username,email,password_hash,is_admin, or password in the place of password_hash',
    )
    .addOption(
      new Option('--dry-run', 'only say what would be done, and which rows are wrong').default(false),
    )
    .description('add users from a CSV file')
    .addHelpText('after', IMPORT_HELP)
    .action(async (file: string, { dryRun }: { dryRun: boolean }) => {
      // Only then: no other command needs the parser.
      const { importUserFile } = await import('./user-import.ts');
      await importUserFile(file, dryRun);
    });
}
