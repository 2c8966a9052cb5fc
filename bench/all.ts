/** Every bench, one after the other: `all.ts [--quick]`. Ends with 1 when one of them answered wrong or did not run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.ts'));
for (const file of files.sort()) {
  if (file === basename(import.meta.filename)) continue;
  const bench = spawn(process.execPath, [join(import.meta.dirname, file), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  const [code] = (await once(bench, 'exit')) as [number | null];
  if (code !== 0) {
    console.error(`${file} ended with ${code ?? 'a signal'}.`);
    process.exitCode = 1;
  }
}
