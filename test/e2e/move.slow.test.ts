import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbKind } from '../servers/dynamodb-client.ts';
import { makeToneWav } from '../made-audio.ts';
import { call, upload } from './client.ts';
import { makeDataDirectory, type Program } from './program.ts';
import { expectKept, fillHome, logIn, makeTwoHomes, type Kept, type TwoHomes } from './two-homes.ts';

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('a move', () => {
  let homes: TwoHomes;
  let kept: Kept;
  let later: Awaited<ReturnType<typeof makeDataDirectory>>;

  const using = async (start: () => Promise<Program>, use: (program: Program) => Promise<void>) => {
    const program = await start();
    try {
      await use(program);
    } finally {
      await program.stop();
    }
  };

  const listKeys = async (): Promise<string[]> => {
    const { Contents = [] } = await homes.s3.send(new ListObjectsV2Command({ Bucket: homes.bucket }));
    return Contents.map(({ Key = '' }) => Key);
  };

  beforeAll(async () => {
    homes = await makeTwoHomes();
    later = await makeDataDirectory();
    await using(
      () => homes.startEmbedded(),
      async (program) => {
        kept = await fillHome(program, [2, 3]);
      },
    );
    await homes.earshot(['tables', 'create']);
  });

  afterAll(async () => {
    await homes.close();
    await later.remove();
  });

  it('says what it needs', async () => {
    const alone = await homes.earshot(['move', '--to', 'aws'], { DYNAMODB_TABLE: '', S3_AUDIO_BUCKET: '' });
    expect(alone.code).toBe(1);
    expect(alone.stderr).toContain('set DYNAMODB_TABLE and S3_AUDIO_BUCKET');
    expect((await homes.earshot(['move'])).stderr).toContain('--to');
    const nowhere = await homes.earshot(['move', '--to', 'aws'], { DATA_DIR: later.path });
    expect(nowhere.stderr).toContain('There is no database at');
    expect(await readdir(later.path)).toEqual([]);
  });

  it('only tells with --dry-run', async () => {
    const { code, stdout } = await homes.earshot(['move', '--to', 'aws', '--dry-run']);
    expect(stdout).toMatch(/audio file +2 +2\n/);
    expect(stdout).toMatch(/stream +1 +1\n/);
    expect(stdout).toContain('Nothing was changed');
    expect(code).toBe(0);
    expect(await listKeys()).toEqual([]);
    const back = await homes.earshot(['move', '--to', 'embedded', '--dry-run'], { DATA_DIR: later.path });
    expect(back.code).toBe(0);
    expect((await readdir(later.path)).filter((name) => name !== 'tmp')).toEqual([]);
  });

  it('takes all to DynamoDB and S3, and changes nothing when it is run again', async () => {
    const { code, stdout, stderr } = await homes.earshot(['move', '--to', 'aws']);
    expect(stdout).toMatch(/audio file +2 +2\n/);
    expect(stdout).toContain('Verified: ');
    expect(stderr).toContain('verifying objects: ');
    expect(code).toBe(0);
    // Two parts with their indexes and waveforms, and two originals.
    expect(await listKeys()).toHaveLength(8);
    const again = await homes.earshot(['move', '--to', 'aws']);
    expect(again.stdout).toMatch(/audio file +2 +0\n/);
    expect(again.stdout).toMatch(/objects +8 .* 0 \(0 bytes\)\n/);
    expect(again.code).toBe(0);
    await using(
      () => homes.startAws(),
      async (program) => expectKept(program, kept),
    );
  });

  it('finds an object that is lost or damaged at the destination', async () => {
    const [first = '', second = ''] = (await listKeys()).filter((key) => key.startsWith('playable/'));
    const { size } = await stat(join(homes.data, 'audio_files', second));
    await homes.s3.send(new DeleteObjectCommand({ Bucket: homes.bucket, Key: first }));
    await homes.s3.send(
      new PutObjectCommand({ Bucket: homes.bucket, Key: second, Body: new Uint8Array(size) }),
    );
    // Logins since the move are not in the source.
    const refused = await homes.earshot(['move', '--to', 'aws']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/session .* is not in the source/);
    expect(refused.stderr).toContain('nothing was changed');
    const overwritten = await homes.earshot(['move', '--to', 'aws', '--overwrite']);
    expect(overwritten.stdout).toMatch(/objects +8 .* [2-8] \(/);
    expect(overwritten.code).toBe(0);
  });

  it('names what is not right in the end', async () => {
    const [damaged = ''] = (await listKeys()).filter((key) => key.startsWith('waveforms/'));
    const { size } = await stat(join(homes.data, 'audio_files', damaged));
    // In a home of its own, so that no login is in the way.
    const bucket = { Bucket: homes.bucket, Key: damaged, Body: new Uint8Array(size) };
    await homes.s3.send(new PutObjectCommand(bucket));
    const back = await homes.earshot(['move', '--to', 'embedded'], { DATA_DIR: later.path });
    expect(back.code).toBe(0);
    const again = await homes.earshot(['move', '--to', 'aws', '--overwrite']);
    expect(again.code).toBe(0);
    const { code, stdout } = await homes.earshot(['move', '--to', 'embedded'], { DATA_DIR: later.path });
    expect(code).toBe(1);
    expect(stdout).toContain(`NOT the same (1):\n  object ${damaged}: has another content`);
    const mended = await homes.earshot(['move', '--to', 'embedded', '--overwrite'], { DATA_DIR: later.path });
    expect(mended.code).toBe(0);
  });

  it('comes back to a directory, with a link under the name of each file', async () => {
    for (const name of kept.files) {
      expect((await stat(join(later.path, 'audio_files', name))).nlink).toBe(2);
    }
    expect(await readdir(join(later.path, 'streams'))).toEqual(['bedtime.json']);
    await using(
      () => homes.startEmbedded(later.path),
      async (program) => {
        await expectKept(program, kept);
        // Nothing that was moved is taken for a file that somebody dropped.
        const wav = await fetch(`${program.url}/api/audio/${kept.files[0] ?? ''}`, { headers: kept.headers });
        expect(wav.status).toBe(200);
      },
    );
    const { code, stderr } = await homes.earshot(['move', '--to', 'embedded'], { DATA_DIR: later.path });
    expect(code).toBe(1);
    expect(stderr).toContain('is not in the source');
  });

  it('waits until the server has done its work', async () => {
    await using(
      () => homes.startEmbedded(),
      async (program) => {
        const headers = await logIn(program);
        const wav = new Uint8Array(makeToneWav({ seconds: 400, amplitude: 0.2, sampleRateHz: 16_000 }));
        const sending = upload(program.url, 'long.wav', wav, { headers }).catch(() => null);
        const isAtWork = async () => (await call(program.url, '/ready')).body;
        await expect
          .poll(isAtWork, { timeout: 20_000, interval: 20 })
          .toMatchObject({ checks: { queue: { open: 1 } } });
        await program.kill();
        await sending;
      },
    );
    const { code, stderr } = await homes.earshot(['move', '--to', 'aws', '--overwrite']);
    expect(stderr).toContain('1 request is not done at the source. Let its server finish');
    expect(code).toBe(1);
  });
});
