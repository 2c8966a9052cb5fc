import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { readEnvironment } from './environment.ts';
import { failureText } from './failure-text.ts';

// Types are stripped and code compiled once; the next start finds the result here, inside the checkout.
enableCompileCache(join(import.meta.dirname, '..', '..', '.cache', 'compile'));

try {
  const { serve } = await import('./serve.ts');
  await serve(readEnvironment());
} catch (error) {
  process.stderr.write(`earshot: ${failureText(error)}\n`);
  process.exit(1);
}
