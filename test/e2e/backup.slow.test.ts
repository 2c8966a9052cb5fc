import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbKind } from '../servers/dynamodb-client.ts';
import { makeDataDirectory, type Program } from './program.ts';
import { expectKept, fillHome, makeTwoHomes, type Kept, type TwoHomes } from './two-homes.ts';

/** As if only these were set. */
const EMBEDDED = { DYNAMODB_TABLE: '', S3_AUDIO_BUCKET: '' };

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('a backup', () => {
  let homes: TwoHomes;
  let kept: Kept;
  let later: Awaited<ReturnType<typeof makeDataDirectory>>;
  let backups: Awaited<ReturnType<typeof makeDataDirectory>>;
  let path: string;

  const using = async (start: () => Promise<Program>, use: (program: Program) => Promise<void>) => {
    const program = await start();
    try {
      await use(program);
    } finally {
      await program.stop();
    }
  };

  const restore = (file: string, ...flags: string[]) =>
    homes.earshot(['restore', file, ...flags], { ...EMBEDDED, DATA_DIR: later.path });

  const contentOf = async (directory: string) => (await readdir(directory)).filter((name) => name !== 'tmp');

  beforeAll(async () => {
    homes = await makeTwoHomes();
    later = await makeDataDirectory();
    backups = await makeDataDirectory();
    path = join(backups.path, 'all.tar');
    await using(
      () => homes.startEmbedded(),
      async (program) => {
        kept = await fillHome(program, [2, 90]);
      },
    );
  });

  afterAll(async () => {
    await homes.close();
    await later.remove();
    await backups.remove();
  });

  it('is one file that only its owner may read', async () => {
    const dry = await homes.earshot(['backup', path, '--dry-run'], EMBEDDED);
    expect(dry.stdout).toContain('Nothing was written');
    expect(await readdir(backups.path)).toEqual([]);
    const { code, stdout } = await homes.earshot(['backup', path], EMBEDDED);
    expect(stdout).toMatch(/\d+ records and 8 objects \(\d/);
    expect(code).toBe(0);
    expect(await readdir(backups.path)).toEqual(['all.tar']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const again = await homes.earshot(['backup', path], EMBEDDED);
    expect(again.stderr).toContain('is there already');
    await homes.earshot(['backup', backups.path], EMBEDDED);
    expect(await readdir(backups.path)).toEqual([
      'all.tar',
      expect.stringMatching(/^earshot-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.tar$/),
    ]);
  });

  it('is refused whole, before anything is touched, when it is not what was written', async () => {
    const whole = await readFile(path);
    const playable = whole.indexOf('objects/playable/');
    const variants: Record<string, Buffer> = {
      'no-archive': randomBytes(100_000),
      empty: Buffer.alloc(0),
      'cut-off': whole.subarray(0, whole.length - 30_000),
      'without-its-end': whole.subarray(0, whole.indexOf('end.json')),
      'one-byte-is-another': Buffer.from(whole).fill(0x55, playable + 5000, playable + 5001),
      'of-another-version': Buffer.from(
        whole.toString('latin1').replace('"version":1,', '"version":2,'),
        'latin1',
      ),
      'a-changed-record': Buffer.from(
        whole.toString('latin1').replace('"isAdmin":true', '"isAdmin":1234'),
        'latin1',
      ),
    };
    for (const [name, bytes] of Object.entries(variants)) {
      const file = join(backups.path, `${name}.tar`);
      await writeFile(file, bytes);
      const { code, stderr } = await restore(file);
      expect([name, code]).toEqual([name, 1]);
      expect(stderr).toMatch(/archive is damaged|backup cannot be used/);
      expect(stderr).not.toContain('    at ');
    }
    expect((await restore(join(backups.path, 'nowhere.tar'))).stderr).toContain('There is no such file');
    expect(await contentOf(later.path)).toEqual([]);
  });

  it('is refused with names that lead out of the home, and with other things than files', async () => {
    const hostile: [string, Parameters<ReturnType<typeof pack>['entry']>[0]][] = [
      ['up', { name: 'objects/../../evil.mp3' }],
      ['absolute', { name: '/etc/evil' }],
      ['beside', { name: 'objects/streams/evil.json' }],
      ['link', { name: 'objects/playable/evil.mp3', type: 'symlink', linkname: '/etc/passwd' }],
    ];
    for (const [name, header] of hostile) {
      const file = join(backups.path, `hostile-${name}.tar`);
      const archive = pack();
      const manifest = { format: 'earshot-backup', version: 1, created_at: '', program: '' };
      archive.entry({ name: 'manifest.json' }, `${JSON.stringify(manifest)}\n`);
      archive.entry(header, header.type === undefined ? 'evil' : undefined);
      archive.finalize();
      const handle = await open(file, 'w');
      for await (const chunk of archive) await handle.write(chunk as Uint8Array);
      await handle.close();
      const { code, stderr } = await restore(file);
      expect(stderr).toMatch(/hostile name|belongs to no backup|holds a symlink/);
      expect(code).toBe(1);
    }
    expect(await contentOf(later.path)).toEqual([]);
  });

  it('comes back into an empty directory, again without a change', async () => {
    const dry = await restore(path, '--dry-run');
    expect(dry.stdout).toContain('The archive is sound.');
    expect(dry.stdout).toContain('Nothing was changed');
    expect(await contentOf(later.path)).toEqual([]);
    const { code, stdout, stderr } = await restore(path);
    expect(stderr).toContain('checking objects');
    expect(stdout).toContain('and 8 of 8 objects by their SHA-256');
    expect(code).toBe(0);
    const again = await restore(path);
    expect(again.stdout).toMatch(/objects +8 .* 0 \(0 bytes\)\n/);
    expect(again.code).toBe(0);
    await using(
      () => homes.startEmbedded(later.path),
      (program) => expectKept(program, kept),
    );
    const refused = await restore(path);
    expect(refused.stderr).toMatch(/session .* is not in the source/);
    expect((await restore(path, '--overwrite')).code).toBe(0);
  });

  it('comes back into the other home, and from there again', async () => {
    await homes.earshot(['tables', 'create']);
    const { code, stdout } = await homes.earshot(['restore', path]);
    expect(stdout).toContain('and 8 of 8 objects by their SHA-256');
    expect(code).toBe(0);
    const fromAws = join(backups.path, 'from-aws.tar');
    expect((await homes.earshot(['backup', fromAws])).code).toBe(0);
    await using(
      () => homes.startAws(),
      (program) => expectKept(program, kept),
    );
    const last = await makeDataDirectory();
    const back = await homes.earshot(['restore', fromAws], { ...EMBEDDED, DATA_DIR: last.path });
    expect(back.code).toBe(0);
    await using(
      () => homes.startEmbedded(last.path),
      (program) => expectKept(program, kept),
    );
    await last.remove();
  });
});
