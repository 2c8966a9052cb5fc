import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { dynamoDbKind } from './servers/dynamodb-client.ts';

const root = resolve(import.meta.dirname, '..');
const run = promisify(execFile);

/** Its code as the document shows it. */
async function readExample(): Promise<string> {
  const text = await readFile(join(root, 'docs', 'storage-library.md'), 'utf8');
  return /```ts\n([^]*?)```/.exec(text)?.[1] ?? '';
}

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('earshot/storage, out of the packed archive', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'earshot-package-'));
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await run(npm, ['pack', '--silent', '--pack-destination', directory], { cwd: root });
    const archive = (await readdir(directory)).find((name) => name.endsWith('.tgz')) ?? '';
    await run('tar', ['-xzf', join(directory, archive), '-C', directory]);
    const installed = join(directory, 'node_modules');
    await mkdir(installed);
    // As npm would install it, with what it depends on beside it.
    for (const name of await readdir(join(root, 'node_modules'))) {
      await symlink(join(root, 'node_modules', name), join(installed, name));
    }
    await symlink(join(directory, 'package'), join(installed, 'earshot'));
    await writeFile(join(directory, 'package.json'), '{ "type": "module", "private": true }');
    await writeFile(join(directory, 'example.ts'), await readExample());
    // Types are emitted and the page is built before.
  }, 240_000);

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('runs the example of the document', async () => {
    const { stdout } = await run(process.execPath, ['example.ts'], {
      cwd: directory,
      env: {
        PATH: process.env['PATH'] ?? '',
        AWS_ENDPOINT_URL_DYNAMODB: inject('dynamodb').endpoint,
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
    });
    expect(stdout).toBe('true\ntrue\nusername\ntrue\nCOMPLETED\nhttp://10.0.0.7:8080\n1\n');
  });

  it('has types that the example passes under', async () => {
    const options = [
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--strict',
      '--noEmit',
      '--skipLibCheck',
      '--ignoreConfig',
    ];
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    await run(process.execPath, [tsc, ...options, '--types', 'node', 'example.ts'], { cwd: directory });
  });

  it('runs the command line out of the archive too', async () => {
    const { stdout } = await run(process.execPath, [
      join(directory, 'package', 'bin', 'earshot.js'),
      '--version',
    ]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('holds no source, no test and nothing of a machine', async () => {
    expect((await readdir(join(directory, 'package'))).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'docs',
      'package.json',
      'web',
    ]);
    expect(await readdir(join(directory, 'package', 'web'))).toEqual(['dist']);
    const emitted = await readdir(join(directory, 'package', 'dist'), { recursive: true });
    expect(emitted.filter((path) => path.includes('.test.'))).toEqual([]);
  });
});
