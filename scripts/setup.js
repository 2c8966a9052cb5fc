// Runs before `npm start` and `npm test`, on any Node from 14 on, before anything is installed: plain JavaScript.
// Installs when the lock file is not the one that was installed, makes sure that a Node of the right version is there,
// and builds the page when its sources are not those it was built of.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampPath = join(root, 'node_modules', '.earshot-setup.json');
const needsInfra = process.argv.includes('--infra');
const needsDev = needsInfra || process.argv.includes('--dev');

const say = (text) => process.stdout.write(`earshot: ${text}\n`);

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampPath, 'utf8'));
  } catch {
    return null; // Not installed yet, or by something else: then it is installed anew.
  }
}

function lockHash() {
  const hash = createHash('sha256');
  hash.update(readFileSync(join(root, 'package-lock.json')));
  hash.update(`${process.platform}-${process.arch}`);
  return hash.digest('hex');
}

function install(withDev, withInfra) {
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
    .concat(withDev ? [] : ['--omit=dev'])
    // Whoever runs or tests a server needs no CDK.
    .concat(withInfra ? [] : ['--workspace=web', '--include-workspace-root']);
  say(
    `installing what it needs into node_modules (npm ${args.join(' ')}); about ${withInfra ? 400 : 200} MB, once`,
  );
  const startedAt = Date.now();
  const command = npm && /\.c?js$/.test(npm) ? [process.execPath, [npm].concat(args)] : ['npm', args];
  const result = spawnSync(command[0], command[1], {
    cwd: root,
    stdio: 'inherit',
    shell: command[0] === 'npm',
  });
  if (result.status !== 0) {
    say('npm could not install the packages; what it said stands above. Nothing was started.');
    process.exit(result.status || 1);
  }
  say(`installed in ${Math.round((Date.now() - startedAt) / 1000)} s`);
}

function majorOf(command) {
  const result = spawnSync(command, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  return result.status === 0 ? Number(result.stdout.split('.')[0]) : 0;
}

// So that `npx earshot` finds the command here, and does not make a copy of the package first.
function linkCommand() {
  const link = join(root, 'node_modules', '.bin', 'earshot');
  if (process.platform === 'win32' || existsSync(link)) return;
  rmSync(link, { force: true });
  symlinkSync(join('..', '..', 'bin', 'earshot.js'), link);
}

const hash = lockHash();
const stamp = readStamp();
if (stamp === null || stamp.hash !== hash || (needsDev && !stamp.dev) || (needsInfra && !stamp.infra)) {
  const withDev = needsDev || (stamp !== null && stamp.dev);
  const withInfra = needsInfra || (stamp !== null && stamp.infra === true);
  install(withDev, withInfra);
  writeFileSync(stampPath, `${JSON.stringify({ hash, dev: withDev, infra: withInfra })}\n`);
}

linkCommand();

const own = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
const ownMajor = existsSync(own) ? majorOf(own) : 0;
if (ownMajor < NODE_MAJOR && majorOf('node') < NODE_MAJOR) {
  say(
    `Earshot needs Node ${NODE_MAJOR} or newer. None came with its packages for ${process.platform}-${process.arch},`,
  );
  say(
    `and the one on the PATH is ${process.version}. Please install Node ${NODE_MAJOR} from https://nodejs.org.`,
  );
  process.exit(1);
}

const { status } = spawnSync(
  ownMajor >= NODE_MAJOR ? own : 'node',
  [join(root, 'scripts', 'build-page.js')],
  { cwd: root, stdio: 'inherit' },
);
if (status !== 0) process.exit(status || 1);
