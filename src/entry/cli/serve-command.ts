import type { Command } from 'commander';
import { readEnvironment } from '../environment.ts';
import { serve } from '../serve.ts';

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('run the server until Ctrl-C')
    .option('-p, --port <number>', 'where to listen (PORT)')
    .option('--host <address>', 'address to listen on (HOST); 0.0.0.0 for every device in the house')
    .addHelpText('after', '\nThe first start makes the administrator and shows its password once.')
    .action(async (options: { port?: string; host?: string }) => {
      if (options.port !== undefined) process.env['PORT'] = options.port;
      if (options.host !== undefined) process.env['HOST'] = options.host;
      await serve(readEnvironment());
    });
}
