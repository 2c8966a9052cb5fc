import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../src/adapters/sqlite/database.ts';
import { openSqliteAudioFileStore } from '../../src/adapters/sqlite/sqlite-audio-file-store.ts';
import { openSqliteRequestQueue } from '../../src/adapters/sqlite/sqlite-request-queue.ts';
import { openSqliteSettingStore } from '../../src/adapters/sqlite/sqlite-setting-store.ts';
import { openSqliteStreamStore } from '../../src/adapters/sqlite/sqlite-stream-store.ts';
import { openSqliteUserStore } from '../../src/adapters/sqlite/sqlite-user-store.ts';
import { newRequest } from './request-queue-harness.ts';
import { audioFile, newUser, START_MS } from '../sample-records.ts';

const clock = (): number => START_MS;

/** The command line works beside the server, on the same file. */
describe('two connections to one SQLite file', () => {
  let directory: string;
  let path: string;
  let one: Database;
  let two: Database;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'earshot-'));
    path = join(directory, 'earshot.db');
    one = openDatabase(path);
    two = openDatabase(path);
  });
  afterEach(() => {
    one.close();
    two.close();
    rmSync(directory, { recursive: true });
  });

  it('see each other’s files, and lose no update', async () => {
    const [server, cli] = [openSqliteAudioFileStore(one), openSqliteAudioFileStore(two)];
    await server.create(audioFile('a.mp3', { title: 'Whale' }));
    await expect(cli.create(audioFile('a.mp3'))).rejects.toMatchObject({ code: 'already_exists' });
    await cli.save(audioFile('a.mp3', { title: 'Elephant' }), 1);
    const late = server.save(audioFile('a.mp3', { title: 'Lost' }), 1);
    await expect(late).rejects.toMatchObject({ code: 'conflict' });
    expect(await server.search('default', 'elephant', 1)).toHaveLength(1);
    expect(await server.search('default', 'whale', 1)).toEqual([]);
  });

  it('see each other’s edits, replacements and deletions of files that they have read before', async () => {
    const [server, cli] = [openSqliteAudioFileStore(one), openSqliteAudioFileStore(two)];
    const names = ['a.mp3', 'b.mp3', 'c.mp3'];
    const titles = async (store: typeof server) =>
      (await store.findMany('default', names)).map(({ filename, title }) => `${filename} ${title}`).sort();
    for (const name of names) await server.create(audioFile(name, { title: 'Old' }));
    const all = ['a.mp3 Old', 'b.mp3 Old', 'c.mp3 Old'];
    for (const store of [server, cli, server, cli]) expect(await titles(store)).toEqual(all);

    await cli.save(audioFile('a.mp3', { title: 'New' }), 1);
    await cli.delete('default', 'b.mp3');
    for (const store of [server, cli]) expect(await titles(store)).toEqual(['a.mp3 New', 'c.mp3 Old']);
    await cli.create(audioFile('b.mp3', { title: 'Again' }));
    await server.save(audioFile('c.mp3', { title: 'Mine' }), 1);
    for (const store of [server, cli]) {
      expect(await titles(store)).toEqual(['a.mp3 New', 'b.mp3 Again', 'c.mp3 Mine']);
    }
    await server.delete('default', 'c.mp3');
    for (const store of [server, cli]) expect(await titles(store)).toEqual(['a.mp3 New', 'b.mp3 Again']);
  });

  it('see by the version that the other has written', async () => {
    const [server, cli] = [openSqliteAudioFileStore(one), openSqliteAudioFileStore(two)];
    const versions = [await server.version()];
    await cli.create(audioFile('a.mp3'));
    versions.push(await server.version());
    await cli.save(audioFile('a.mp3', { title: 'New' }), 1);
    versions.push(await server.version());
    await cli.delete('default', 'a.mp3');
    versions.push(await server.version());
    expect(new Set(versions).size).toBe(4);
    expect(await server.version()).toBe(versions.at(-1));
  });

  it('agree on what is made once', async () => {
    const settings = [openSqliteSettingStore(one), openSqliteSettingStore(two)];
    const values = await Promise.all(settings.map((store, index) => store.ensure('secret', `${index}`)));
    expect(new Set(values).size).toBe(1);
    const users = [openSqliteUserStore(one), openSqliteUserStore(two)];
    const made = await Promise.allSettled(users.map((store) => store.create(newUser('admin'))));
    expect(made.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    const streams = [openSqliteStreamStore(one, clock), openSqliteStreamStore(two, clock)];
    const stream = { tenantId: 'default', name: 's', playMode: 'loop', persistence: 'permanent' } as const;
    const saved = await Promise.allSettled(
      streams.map((store, index) => store.save({ ...stream, files: [`${index}.mp3`] }, null)),
    );
    expect(saved.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  });

  it('claim each request once, at the same time, in threads of their own', async () => {
    const count = 200;
    let ids = 0;
    const queue = openSqliteRequestQueue(one, { clock, newId: () => `${(ids += 1)}` });
    for (let number = 0; number < count; number += 1) await queue.enqueue(newRequest(`${number}`));
    const claimed = (await Promise.all([claimAll(path), claimAll(path), claimAll(path)])).flat();
    expect(new Set(claimed).size).toBe(count);
    expect(claimed).toHaveLength(count);
    expect(await queue.countOpen()).toBe(0);
  });
});

/** Claims and completes, in a thread with a connection of its own, until there is nothing left. */
function claimAll(path: string): Promise<string[]> {
  const adapter = (file: string): string =>
    new URL(`../../src/adapters/sqlite/${file}`, import.meta.url).href;
  const code = `
    const { parentPort, workerData } = await import('node:worker_threads');
    const { openDatabase } = await import(workerData.database);
    const { openSqliteRequestQueue } = await import(workerData.queue);
    const db = openDatabase(workerData.path);
    const queue = openSqliteRequestQueue(db, { clock: () => workerData.nowMs, newId: () => crypto.randomUUID() });
    const claimed = [];
    for (;;) {
      const [next] = await queue.claim(['ingest'], 60_000, 1);
      if (next === undefined) break;
      claimed.push(next.request.requestId);
      await queue.complete(next.lease, {});
    }
    db.close();
    parentPort.postMessage(claimed);
  `;
  const workerData = {
    path,
    nowMs: START_MS,
    database: adapter('database.ts'),
    queue: adapter('sqlite-request-queue.ts'),
  };
  return new Promise((resolve, reject) => {
    const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    const worker = new Worker(url, { workerData });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
