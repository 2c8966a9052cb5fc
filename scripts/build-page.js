// Builds the page into web/dist, when its sources are not those it was built of. Runs after the packages are installed, on
// the Node that runs it: plain JavaScript.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const web = join(root, 'web');
const built = join(web, 'dist');
const stampName = '.built-of';

/** What is made, and types, which are not in what is built. */
const NO_SOURCE = ['dist', 'node_modules', 'schema.d.ts'];

function hashOfSources() {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  const visit = (directory) => {
    const entries = readdirSync(directory, { withFileTypes: true }).filter(
      ({ name }) => !NO_SOURCE.includes(name) && !name.startsWith('dist-'),
    );
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) visit(path);
      else hash.update(path.slice(root.length)).update(readFileSync(path));
    }
  };
  visit(web);
  return hash.digest('hex');
}

const wanted = hashOfSources();
const stampPath = join(built, stampName);
const stamp = existsSync(stampPath) ? readFileSync(stampPath, 'utf8') : '';
if (stamp !== wanted) {
  const startedAt = Date.now();
  // Beside the old one: a server that starts meanwhile finds the one or the other, whole.
  const fresh = join(web, `dist-${process.pid}`);
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', web, '--outDir', fresh, '--logLevel', 'warn'];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    process.stdout.write('earshot: the page could not be built; what was said about it stands above.\n');
    process.exit(status || 1);
  }
  writeFileSync(join(fresh, stampName), wanted);
  rmSync(built, { recursive: true, force: true });
  renameSync(fresh, built);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`earshot: built the page in ${seconds} s\n`);
}
