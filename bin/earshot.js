#!/usr/bin/env node
// The command line on any Node: goes on with the Node that came with the packages when this one is too old.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const own = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

// An archive that was packed holds what was built, and its packages lie beside it.
const isCheckout = existsSync(join(root, 'src'));

if (isCheckout && !existsSync(join(root, 'node_modules', 'commander'))) {
  process.stderr.write(
    'Earshot is not installed yet: run `npm ci` (or `npm start`) in its directory first.\n',
  );
  process.exit(1);
} else if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) {
  // Types are stripped and code compiled once; the next command finds the result here, inside the checkout.
  if (isCheckout) nodeModule.enableCompileCache(join(root, '.cache', 'compile'));
  await import(isCheckout ? '../src/entry/cli.ts' : '../dist/entry/cli.js');
} else if (existsSync(own)) {
  const result = spawnSync(own, [fileURLToPath(import.meta.url)].concat(process.argv.slice(2)), {
    stdio: 'inherit',
  });
  process.exit(result.status === null ? 1 : result.status);
} else {
  process.stderr.write(`Earshot needs Node ${NODE_MAJOR} or newer; this is ${process.version}.\n`);
  process.exit(1);
}
