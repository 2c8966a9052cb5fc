import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDynamoTable } from '../../src/adapters/dynamodb/dynamo-table.ts';
import { openDynamoAudioFileStore } from '../../src/adapters/dynamodb/dynamo-audio-file-store.ts';
import { openDynamoUserStore } from '../../src/adapters/dynamodb/dynamo-user-store.ts';
import type { PageKey } from '../../src/domain/page.ts';
import { makeToneWav } from '../made-audio.ts';
import { oldAudio, oldUser } from '../old-items.ts';
import { makeOldLibraryFile, oldFileRow, oldUserRow } from '../old-library-file.ts';
import { dynamoDbKind, makeDynamoClient } from '../servers/dynamodb-client.ts';
import { createHomeTables, deleteHomeTables, homeTables } from '../servers/home-tables.ts';
import { makeS3Client, makeTestBucket, startS3 } from '../servers/s3-server.ts';
import { runCommand } from './command-line.ts';
import { makeDataDirectory } from './program.ts';

const FILES = 400;
const USERS = 120;
const KILLS_AFTER = [10, 130, 380, 430];

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('earshot migrate, killed again and again', () => {
  const client = makeDynamoClient();
  const name = `earshot-e2e-${randomBytes(6).toString('hex')}`;
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;

  beforeAll(async () => {
    data = await makeDataDirectory();
    await createHomeTables(client, name);
  });

  afterAll(async () => {
    await deleteHomeTables(client, name);
    client.destroy();
    await data.remove();
  });

  const tables = () => ({
    ...homeTables(name),
    DYNAMODB_ENDPOINT: inject('dynamodb').endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });

  it('upgrades every item of a table once', async () => {
    const table = openDynamoTable(client, name);
    const filenames = Array.from({ length: FILES }, (_, at) => `part ${at}.mp3`);
    const files = filenames.map((filename) => oldAudio(filename));
    const users = Array.from({ length: USERS }, (_, at) =>
      oldUser(at % 2 === 0 ? `user#user${at}` : `USER#User${at}`, `User${at}`, { is_admin: at < 3 }),
    );
    await table.writeMany([...files, ...users].map((put) => ({ put })));
    const environment = tables();
    let done = 0;
    for (const after of KILLS_AFTER) {
      const stops = after - done;
      const killWhen = (stderr: string) => stderr.split('\n').length > stops;
      const { code, stderr } = await runCommand(['migrate'], { cwd: data.path, environment, killWhen });
      expect(code).toBeNull();
      done += stderr.split('\n').length - 1;
    }
    const last = await runCommand(['migrate'], { cwd: data.path, environment });
    expect(last.stderr).not.toContain('earshot:');
    expect(last.stdout).toContain('counted again: 0 old items are left');
    expect(last.code).toBe(0);

    const audioFiles = openDynamoAudioFileStore(table);
    const names = new Set<string>();
    let after: PageKey | undefined;
    do {
      const page = await audioFiles.list('default', { sort: 'duration', limit: 100, after });
      for (const { filename, revision } of page.items) names.add(`${filename} ${revision}`);
      after = page.next;
    } while (after !== undefined);
    expect(names).toEqual(new Set(filenames.map((filename) => `${filename} 1`)));
    for (const at of [0, 7, 99, FILES - 1]) {
      expect(await audioFiles.search('default', `part ${at}`, 100)).not.toEqual([]);
    }
    const store = openDynamoUserStore(table);
    expect(await store.count()).toBe(USERS);
    expect((await store.list('default', { limit: 1000 })).items).toHaveLength(USERS);
    const tally = await table.get({ PK: 'TENANTS', SK: 'default' }, { consistent: true });
    expect(tally).toMatchObject({ user_count: USERS, active_admin_count: 3 });
  });

  it('adopts each object of a flat bucket once, and leaves no upload', async () => {
    const s3 = await startS3();
    const s3Client = makeS3Client(s3.endpoint);
    const bucket = await makeTestBucket(s3Client);
    for (const seconds of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const Body = new Uint8Array(makeToneWav({ seconds, amplitude: 0.2, sampleRateHz: 44_100 }));
      await s3Client.send(new PutObjectCommand({ Bucket: bucket, Key: `tone ${seconds}.wav`, Body }));
    }
    const environment = {
      ...tables(),
      S3_AUDIO_BUCKET: bucket,
      S3_ENDPOINT: s3.endpoint,
      S3_FORCE_PATH_STYLE: 'true',
      WORKERS: '2',
    };
    for (const objects of [1, 2]) {
      const killWhen = (stderr: string) => (stderr.match(/audio files {2}/g) ?? []).length >= objects;
      const killed = await runCommand(['migrate'], { cwd: data.path, environment, killWhen });
      expect(killed.code).toBeNull();
    }
    const last = await runCommand(['migrate'], { cwd: data.path, environment });
    expect(last.stdout).toContain('the library holds 8, and 0 not');
    const { Contents = [] } = await s3Client.send(new ListObjectsV2Command({ Bucket: bucket }));
    const keys = Contents.map(({ Key = '' }) => Key);
    expect(keys.filter((key) => key.startsWith('uploads/'))).toEqual([]);
    expect(keys.filter((key) => !key.includes('/'))).toHaveLength(8);
    const audioFiles = openDynamoAudioFileStore(openDynamoTable(client, name));
    for (const seconds of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const file = await audioFiles.find('default', `tone ${seconds}.mp3`);
      expect(Math.abs((file?.durationMs ?? 0) - seconds * 1000)).toBeLessThan(200);
    }
    s3Client.destroy();
    await s3.stop();
  });

  it.each(['SQLite', 'DynamoDB'])(
    "takes over every row of the predecessor's database once, into %s",
    async (kind) => {
      const home = await makeDataDirectory();
      const path = join(data.path, `${kind}.db`);
      makeOldLibraryFile(path, {
        users: Array.from({ length: 450 }, (_, at) =>
          oldUserRow(at, `reader${at}`, { yoto_access_token: 'a' }),
        ),
        audio_files: Array.from({ length: 300 }, (_, at) => oldFileRow(at, `chapter ${at}.mp3`)),
      });
      const environment = kind === 'SQLite' ? {} : tables();
      for (const stops of [100, 450, 520, 600]) {
        const killWhen = (stderr: string) => stderr.split('\n').length > stops;
        const killed = await runCommand(['migrate', path], { cwd: home.path, environment, killWhen });
        expect(killed.code).toBeNull();
      }
      const last = await runCommand(['migrate', path], { cwd: home.path, environment });
      expect(last.stdout).toContain('looked for again: 450 users and 300 audio records are there\n');
      expect(last.code).toBe(0);
      await home.remove();
    },
  );
});

describe('earshot migrate, killed while it takes audio in', () => {
  it('takes each file in once', async () => {
    const home = await makeDataDirectory();
    const old = await makeDataDirectory();
    const seconds = Array.from({ length: 12 }, (_, at) => at + 1);
    for (const length of seconds) {
      const wav = makeToneWav({ seconds: length, amplitude: 0.2, sampleRateHz: 44_100 });
      await writeFile(join(old.path, `part ${length}.wav`), new Uint8Array(wav));
    }
    makeOldLibraryFile(join(old.path, 'old.db'), {
      audio_files: seconds.map((at) => oldFileRow(at, `part ${at}.mp3`, { transcript_status: 'failed' })),
    });
    const args = ['migrate', join(old.path, 'old.db'), '--audio', old.path];
    const environment = { WORKERS: '2' };
    for (const files of [1, 3, 2]) {
      const killWhen = (stderr: string) => (stderr.match(/audio files {2}/g) ?? []).length >= files;
      const killed = await runCommand(args, { cwd: home.path, environment, killWhen });
      expect(killed.code).toBeNull();
    }
    const last = await runCommand(args, { cwd: home.path, environment });
    expect(last.stdout).toContain('the library holds 12, and 0 not');
    const db = new DatabaseSync(join(home.path, 'earshot.db'), { readOnly: true });
    const rows = db.prepare('SELECT filename, state, transcript_status, duration_ms FROM audio_files').all();
    db.close();
    expect(rows).toHaveLength(12);
    for (const row of rows) {
      expect(row).toMatchObject({ state: 'ready', transcript_status: 'failed' });
      const length = Number(/\d+/.exec(String(row['filename']))?.[0]) * 1000;
      expect(Math.abs(Number(row['duration_ms']) - length)).toBeLessThan(200);
    }
    await home.remove();
    await old.remove();
  });
});
