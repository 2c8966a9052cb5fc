import { HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDynamoAudioFileStore } from '../../src/adapters/dynamodb/dynamo-audio-file-store.ts';
import { openDynamoTable, type DynamoTable } from '../../src/adapters/dynamodb/dynamo-table.ts';
import { makeToneWav } from '../made-audio.ts';
import { oldAudio } from '../old-items.ts';
import { makeOldLibraryFile, oldFileRow } from '../old-library-file.ts';
import { dynamoDbKind, makeDynamoClient } from '../servers/dynamodb-client.ts';
import { createHomeTables, deleteHomeTables, homeTables } from '../servers/home-tables.ts';
import { makeS3Client, makeTestBucket, startS3, type S3Server } from '../servers/s3-server.ts';
import { dumpTable } from '../servers/table-dump.ts';
import { runCommand } from './command-line.ts';
import { fixtures, makeDataDirectory } from './program.ts';

const wavOf = (seconds: number) =>
  new Uint8Array(makeToneWav({ seconds, amplitude: 0.2, sampleRateHz: 16_000 }));

describe('earshot migrate, of an old directory of audio', () => {
  let old: Awaited<ReturnType<typeof makeDataDirectory>>;
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  const inOld = (name: string) => join(old.path, 'audio', name);
  const migrate = (...args: string[]) =>
    runCommand(['migrate', ...args], { cwd: data.path, environment: { WORKERS: '2' } });

  beforeAll(async () => {
    old = await makeDataDirectory();
    data = await makeDataDirectory();
    await mkdir(inOld('below'), { recursive: true });
    await copyFile(join(fixtures, 'fits.mp3'), inOld('one.mp3'));
    await copyFile(join(fixtures, 'tone.flac'), inOld('Größe 2.flac'));
    await copyFile(join(fixtures, 'picture.png'), inOld('broken.mp3'));
    await copyFile(join(fixtures, 'picture.png'), inOld('cover.png'));
    await copyFile(join(fixtures, 'fits.mp3'), inOld('below/hidden.mp3'));
    makeOldLibraryFile(join(old.path, 'old.db'), {
      audio_files: [
        oldFileRow(1, 'one.mp3', { transcript: 'Once', transcript_status: 'completed' }),
        oldFileRow(2, 'gone.mp3'),
      ],
    });
  });
  afterAll(async () => {
    await old.remove();
    await data.remove();
  });

  const rows = () => {
    const db = new DatabaseSync(join(data.path, 'earshot.db'), { readOnly: true });
    const all = db
      .prepare(
        `SELECT filename, state, title, playable_key, has_transcript, transcript_status, transcript_text,
           words, created_at_ms FROM audio_files LEFT JOIN audio_file_transcript_words ON file_id = id
         ORDER BY filename`,
      )
      .all();
    db.close();
    return all;
  };

  it('takes it in, to the records that are there, and tells what cannot be decoded', async () => {
    const args = [join(old.path, 'old.db'), '--audio', inOld('')];
    const dry = await migrate(...args, '--dry-run');
    expect(dry.stdout).toContain('3 audio files of');
    expect(await readdir(data.path)).toEqual([]);
    const { code, stdout } = await migrate(...args);
    expect(stdout).toMatch(/2 audio files of .* taken in, 0 there already; .* holds 2, and 1 not/);
    expect(stdout).toContain('not taken over: broken.mp3: There is no audio');
    expect(stdout).toContain('note: cover.png: not looked at');
    expect(code).toBe(1);
    expect(rows()).toMatchObject([
      { filename: 'Größe 2.mp3', state: 'ready' },
      { filename: 'gone.mp3', playable_key: null },
      {
        filename: 'one.mp3',
        title: 'one',
        has_transcript: 1,
        transcript_status: 'completed',
        transcript_text: 'Once',
        words: 'once',
        created_at_ms: Date.UTC(2024, 4, 6, 7, 8, 9),
      },
    ]);
    expect((await readdir(inOld(''))).length).toBe(5);
    expect(await readdir(join(data.path, 'audio_files', 'uploads'))).toEqual([]);
  });

  it('does only what is left the second time, and takes in again what was changed', async () => {
    const before = rows();
    const second = await migrate('--audio', inOld(''));
    expect(second.stdout).toMatch(/0 audio files of .* taken in, 2 there already/);
    expect(rows()).toEqual(before);
    await writeFile(inOld('one.mp3'), wavOf(3));
    const third = await migrate('--audio', inOld(''));
    expect(third.stdout).toMatch(/1 audio files of .* taken in, 1 there already/);
    const [, , one] = rows();
    expect(one).toMatchObject({
      filename: 'one.mp3',
      title: 'one',
      created_at_ms: before[2]?.['created_at_ms'],
    });
    expect(one?.['playable_key']).not.toBe(before[2]?.['playable_key']);
  });

  it('deletes what the library holds, and nothing else, with --delete-old', async () => {
    const { stdout } = await migrate('--audio', inOld(''), '--delete-old');
    expect(stdout).toContain('2 there already, 2 deleted there');
    expect((await readdir(inOld(''))).sort()).toEqual(['below', 'broken.mp3', 'cover.png']);
  });

  it('works on the directory of the home itself, which shows links to the parts there', async () => {
    const own = join(data.path, 'audio_files');
    await copyFile(join(fixtures, 'lame-vbr.mp3'), join(own, 'placed.mp3'));
    const { stdout } = await migrate('--audio', own, '--delete-old');
    expect(stdout).toMatch(/1 audio files of .* taken in, 0 there already, 1 deleted/);
    const placed = rows().find(({ filename }) => filename === 'placed.mp3');
    const [link, part] = await Promise.all(
      ['placed.mp3', String(placed?.['playable_key'])].map((name) => stat(join(own, name))),
    );
    expect(link?.ino).toBe(part?.ino);
    expect((await migrate('--audio', own)).stdout).toMatch(/0 audio files of .* taken in, 0 there already/);
    expect((await readFile(join(own, 'one.mp3'))).length).toBeGreaterThan(1000);
  });

  it('does not replace another file of the same name', async () => {
    await writeFile(inOld('placed.mp3'), wavOf(1));
    const { stdout, code } = await migrate('--audio', inOld(''));
    expect(stdout).toContain('placed.mp3: The library has another file named');
    expect(code).toBe(1);
  });
});

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('earshot migrate, of a flat bucket', () => {
  const dynamo = makeDynamoClient();
  const name = `earshot-e2e-${randomBytes(6).toString('hex')}`;
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let s3: S3Server;
  let client: ReturnType<typeof makeS3Client>;
  let bucket: string;
  let table: DynamoTable;

  const migrate = (...args: string[]) =>
    runCommand(['migrate', ...args], {
      cwd: data.path,
      environment: {
        ...homeTables(name),
        DYNAMODB_ENDPOINT: inject('dynamodb').endpoint,
        S3_AUDIO_BUCKET: bucket,
        S3_ENDPOINT: s3.endpoint,
        S3_FORCE_PATH_STYLE: 'true',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'testtest',
      },
    });
  const put = (Key: string, Body: Uint8Array) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  const keys = async () =>
    ((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? []).map(
      ({ Key }) => Key ?? '',
    );

  beforeAll(async () => {
    s3 = await startS3();
    client = makeS3Client(s3.endpoint);
    bucket = await makeTestBucket(client);
    data = await makeDataDirectory();
    await createHomeTables(dynamo, name);
    table = openDynamoTable(dynamo, name);
    await table.put(oldAudio('Once upon a time.mp3', { transcript: 'Once', size: 5 }));
    await put('Once upon a time.mp3', new Uint8Array(await readFile(join(fixtures, 'fits.mp3'))));
    await put('ünïcode & more.mp3'.replace(' &', ''), wavOf(2));
    await put('noise.mp3', randomBytes(5000));
    await put('backups/other.mp3', wavOf(1));
  });
  afterAll(async () => {
    await deleteHomeTables(dynamo, name);
    dynamo.destroy();
    client.destroy();
    await s3.stop();
    await data.remove();
  });

  it('changes nothing with --dry-run', async () => {
    const before = [await dumpTable(dynamo, name), await keys()];
    const { stdout } = await migrate('--dry-run');
    expect(stdout).toContain(`3 audio files of the bucket ${bucket} taken in, 0 there already`);
    expect([await dumpTable(dynamo, name), await keys()]).toEqual(before);
  });

  it('adopts its objects by copies, to the records that are there, and leaves them', async () => {
    const { code, stdout } = await migrate();
    expect(stdout).toContain('0 users, 1 audio files and 0 streams upgraded');
    expect(stdout).toContain(`2 audio files of the bucket ${bucket} taken in, 0 there already`);
    expect(stdout).toContain('not taken over: noise.mp3: There is no audio');
    expect(code).toBe(1);
    const store = openDynamoAudioFileStore(table);
    const { items } = await store.list('default', { sort: 'name', limit: 10 });
    expect(items).toMatchObject([
      {
        filename: 'Once upon a time.mp3',
        title: 'Once upon a time',
        transcriptStatus: 'completed',
        hasTranscript: true,
        createdAtMs: Date.UTC(2024, 4, 6, 7, 8, 9, 123),
        part: { sizeBytes: expect.any(Number) as number },
      },
      { filename: 'ünïcode more.mp3', state: 'ready' },
    ]);
    expect(await table.get({ PK: 'AUDIO#Once upon a time.mp3', SK: 'METADATA' })).toMatchObject({
      transcript: 'Once',
    });
    const all = await keys();
    expect(all).toEqual(expect.arrayContaining(['Once upon a time.mp3', 'noise.mp3', 'backups/other.mp3']));
    expect(all.filter((key) => key.startsWith('uploads/'))).toEqual([]);
    expect((await migrate()).stdout).toContain('0 audio files of the bucket');
  });

  it('deletes what is held with --delete-old', async () => {
    const { stdout } = await migrate('--delete-old');
    expect(stdout).toContain('2 there already, 2 deleted there');
    expect((await keys()).filter((key) => !key.includes('/'))).toEqual(['noise.mp3']);
    const head = client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'backups/other.mp3' }));
    await expect(head).resolves.toBeDefined();
  });
});
