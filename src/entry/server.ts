import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { isAppError } from '../domain/app-error.ts';
import { ConfigError } from './config.ts';
import { readEnvironment } from './environment.ts';

// Types are stripped and code compiled once; the next start finds the result here, inside the checkout.
enableCompileCache(join(import.meta.dirname, '..', '..', '.cache', 'compile'));

try {
  const { serve } = await import('./serve.ts');
  await serve(readEnvironment());
} catch (error) {
  // What the operator can mend is said in a sentence; anything else keeps its stack.
  const known = error instanceof ConfigError || isAppError(error);
  process.stderr.write(
    `earshot: ${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
}
