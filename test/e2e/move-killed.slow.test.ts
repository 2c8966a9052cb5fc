import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDynamoPortableRecords } from '../../src/adapters/dynamodb/dynamo-portable-records.ts';
import { sweepUploads } from '../../src/adapters/s3/upload-sweep.ts';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { openSqlitePortableRecords } from '../../src/adapters/sqlite/sqlite-portable-records.ts';
import { nameRecord, type PortableRecord, type PortableRecords } from '../../src/domain/portable-record.ts';
import { portableFile, portableSamples, portableUser } from '../portable-samples.ts';
import { playablePart } from '../sample-records.ts';
import { dynamoDbKind, makeDynamoClient } from '../servers/dynamodb-client.ts';
import { makeDataDirectory } from './program.ts';
import { makeTwoHomes, type TwoHomes } from './two-homes.ts';

const FILES = 900;
const OBJECTS = 140;
/** One in seven is sent to the bucket in parts. */
const SIZES = [100, 5000, 70_000, 300_000, 1_000_000, 2_000_000, 12_000_000];
const KILLS = 7;
const EMBEDDED = { DYNAMODB_TABLE: '', S3_AUDIO_BUCKET: '' };
const LATER_MS = 25 * 3_600_000;

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('a kill at any moment', () => {
  let homes: TwoHomes;
  let all: string[];
  let keys: string[];

  beforeAll(async () => {
    homes = await makeTwoHomes();
    const root = join(homes.data, 'audio_files');
    await mkdir(join(root, 'playable'), { recursive: true });
    const parts: string[] = [];
    for (let at = 0; at < OBJECTS; at += 1) {
      const bytes = randomBytes(SIZES[at % SIZES.length] ?? 1);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await writeFile(join(root, 'playable', `${sha256}.mp3`), bytes);
      parts.push(sha256);
    }
    keys = parts.map((sha256) => `playable/${sha256}.mp3`).sort();
    const records: PortableRecord[] = portableSamples().filter(({ kind }) => kind !== 'audio_file');
    for (let at = 0; at < FILES; at += 1) {
      const sha256 = parts[at % OBJECTS] ?? '';
      const part = playablePart({ key: `playable/${sha256}.mp3`, sha256 });
      records.push(portableFile(`story-${at}.mp3`, at + 1, { title: `Story ${at} of the sea`, part }));
    }
    for (let at = 0; at < 200; at += 1) records.push(portableUser(String(9000 + at), `listener-${at}`));
    all = records.map(nameRecord).sort();
    const db = openDatabase(join(homes.data, 'earshot.db'));
    const home = openSqlitePortableRecords(db, Date.now);
    for (let at = 0; at < records.length; at += 100) await home.save(records.slice(at, at + 100));
    db.close();
    await homes.earshot(['tables', 'create']);
  });

  afterAll(() => homes.close());

  /** Starts it again and again, each time a while longer, until it has been killed often. @returns how often it was */
  async function killOften(args: readonly string[], change: Record<string, string> = {}): Promise<number> {
    let killed = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const child = homes.spawn(args, change);
      const gone = once(child, 'exit');
      await Promise.race([gone, setTimeout(900 + round * 450 + Math.random() * 400)]);
      if (child.exitCode === null) {
        child.kill('SIGKILL');
        killed += 1;
      }
      await gone;
    }
    return killed;
  }

  async function expectAll(records: PortableRecords): Promise<void> {
    const found: string[] = [];
    for await (const batch of records.readAll()) found.push(...batch.map(nameRecord));
    expect(found.sort()).toEqual(all);
  }

  it('of a move to AWS is made good by the next', async () => {
    expect(await killOften(['move', '--to', 'aws'])).toBeGreaterThan(2);
    const { code, stdout } = await homes.earshot(['move', '--to', 'aws']);
    expect(stdout).toContain(`${all.length} of ${all.length} records`);
    expect(stdout).toContain(`${OBJECTS} of ${OBJECTS} objects`);
    expect(code).toBe(0);

    const client = makeDynamoClient();
    await expectAll(openDynamoPortableRecords(client, homes.table, Date.now));
    client.destroy();
    const { Contents = [] } = await homes.s3.send(new ListObjectsV2Command({ Bucket: homes.bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual(keys);
    // Parts that a killed upload left are gone when the bucket is opened a day later.
    const folder = { client: homes.s3, bucket: homes.bucket };
    await sweepUploads(folder, { olderThanMs: LATER_MS - 3_600_000, nowMs: Date.now() + LATER_MS });
    const left = await homes.s3.send(new ListMultipartUploadsCommand({ Bucket: homes.bucket }));
    expect(left.Uploads ?? []).toEqual([]);
  });

  it('of a move to the embedded home is made good by the next', async () => {
    const later = await makeDataDirectory();
    const change = { DATA_DIR: later.path };
    await killOften(['move', '--to', 'embedded'], change);
    const { code, stdout } = await homes.earshot(['move', '--to', 'embedded'], change);
    expect(stdout).toContain(`${OBJECTS} of ${OBJECTS} objects`);
    expect(code).toBe(0);
    await expectDirectory(later.path);
    await later.remove();
  });

  it('of a backup or a restore is made good by the next', async () => {
    const later = await makeDataDirectory();
    const backups = await makeDataDirectory();
    const path = join(backups.path, 'all.tar');
    await killOften(['backup', path], EMBEDDED);
    await rm(path, { force: true });
    expect((await homes.earshot(['backup', path], EMBEDDED)).code).toBe(0);
    expect(await readdir(backups.path)).toEqual(['all.tar']);

    const change = { ...EMBEDDED, DATA_DIR: later.path };
    await killOften(['restore', path], change);
    const { code, stdout } = await homes.earshot(['restore', path], change);
    expect(stdout).toContain(`${OBJECTS} of ${OBJECTS} objects`);
    expect(code).toBe(0);
    await expectDirectory(later.path);
    await later.remove();
    await backups.remove();
  });

  async function expectDirectory(path: string): Promise<void> {
    const db = openDatabase(join(path, 'earshot.db'));
    await expectAll(openSqlitePortableRecords(db, Date.now));
    db.close();
    const root = join(path, 'audio_files');
    expect((await readdir(join(root, 'playable'))).map((name) => `playable/${name}`).sort()).toEqual(keys);
    // Each file has a link under its own name, and nothing else lies there, nor among the temporary files.
    const names = (await readdir(root)).filter((name) => name !== 'playable');
    expect(names).toHaveLength(FILES);
    expect((await stat(join(root, 'story-0.mp3'))).nlink).toBeGreaterThan(2);
    expect(await readdir(join(path, 'tmp'))).toEqual([]);
  }
});
