import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../domain/log.ts';
import type { StreamDefinition, StreamStore } from '../../domain/stream.ts';
import { type FaultyS3 } from '../../../test/servers/s3-faults.ts';
import { makeTestBucket } from '../../../test/servers/s3-server.ts';
import { openS3StreamStore } from './s3-stream-store.ts';
import { useFaultyS3 } from '../../../test/servers/use-s3.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const STREAM: StreamDefinition = {
  tenantId: 'default',
  name: 'bedtime',
  files: ['story.mp3'],
  playMode: 'shuffle',
  persistence: 'permanent',
};

let faulty: FaultyS3;
let client: S3Client;
let direct: S3Client;
let bucket: string;
let store: StreamStore;
let nowMs: number;
let warnings: Readonly<Record<string, unknown>>[];

const ignore = (): void => undefined;
const log: Log = { debug: ignore, info: ignore, warn: (fields) => warnings.push(fields), error: ignore };
const open = (by: S3Client, maxCachedBytes?: number) =>
  openS3StreamStore({ client: by, bucket, clock: () => nowMs, log, maxCachedBytes });
const put = (key: string, content: string | Uint8Array) =>
  direct.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content }));
const get = async (key: string): Promise<string> => {
  const { Body } = await direct.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return (await Body?.transformToString()) ?? '';
};
/** The requests that the work takes: `GET`, `LIST` … */
async function requestsOf(work: () => Promise<unknown>): Promise<string[]> {
  faulty.seen.length = 0;
  await work();
  return faulty.seen.map(({ method, url }) => (url.searchParams.has('list-type') ? 'LIST' : method));
}

useFaultyS3((used) => ({ faulty, client, direct } = used));

beforeEach(async () => {
  warnings = [];
  nowMs = NOW_MS;
  bucket = await makeTestBucket(direct);
  store = open(client);
});

describe('streams in S3', () => {
  it('loads what the predecessor wrote, and writes what it reads, and more', async () => {
    await put('streams/old.json', '{"name": "old", "files": ["a.mp3"], "loop": true}');
    expect(await store.find('default', 'old')).toMatchObject({ files: ['a.mp3'], playMode: 'loop' });
    await store.save({ ...STREAM, updatedAtMs: NOW_MS });
    expect(JSON.parse(await get('streams/bedtime.json'))).toEqual({
      name: 'bedtime',
      files: ['story.mp3'],
      loop: false,
      play_mode: 'shuffle',
      persistence: 'permanent',
      updated_at: '2026-01-02T03:04:05.678Z',
    });
    await store.save({ ...STREAM, tenantId: 'neighbours' });
    expect(await get('streams/tenants/neighbours/bedtime.json')).toContain('story.mp3');
    expect((await store.list('default', { limit: 10 })).items.map(({ name }) => name)).toEqual([
      'bedtime',
      'old',
    ]);
  });

  it('sees an edit by hand at once, as another revision', async () => {
    const saved = await store.save(STREAM);
    const text = await get('streams/bedtime.json');
    await put('streams/bedtime.json', text.replace('story.mp3', 'other.mp3'));
    const edited = await store.find('default', 'bedtime');
    expect(edited?.files).toEqual(['other.mp3']);
    await expect(store.save(STREAM, saved.revision)).rejects.toMatchObject({ code: 'precondition_failed' });
    await expect(store.delete('default', 'bedtime', saved.revision)).rejects.toMatchObject({
      code: 'precondition_failed',
    });
    await store.save(STREAM, edited?.revision);
    expect(await get('streams/bedtime.json')).toBe(text);
  });

  const UNREADABLE: readonly (readonly [string, string])[] = [
    ['cut off', '{"name": "bad", "fil'],
    ['empty', ''],
    ['without files', '{"name": "bad"}'],
    ['of an unknown play mode', '{"files": [], "play_mode": "backwards"}'],
    ['far over 300 KB', JSON.stringify({ files: ['a.mp3'], title: 'x'.repeat(400_000) })],
  ];

  it.each(UNREADABLE)('leaves an object that is %s where it is, and says so once', async (_what, content) => {
    await put('streams/bad.json', content);
    await store.save(STREAM);
    const refused = { code: 'conflict' };
    for (let time = 0; time < 2; time += 1) {
      expect((await store.list('default', { limit: 10 })).items.map(({ name }) => name)).toEqual(['bedtime']);
      expect(await store.listUsing('default', 'story.mp3', 10)).toEqual(['bedtime']);
      await expect(store.find('default', 'bad')).rejects.toMatchObject(refused);
      await expect(store.save({ ...STREAM, name: 'bad' })).rejects.toMatchObject(refused);
      await expect(store.save({ ...STREAM, name: 'bad' }, null)).rejects.toMatchObject(refused);
      await expect(store.delete('default', 'bad')).rejects.toMatchObject(refused);
      await store.deleteBySession('default', 'session-1');
    }
    expect(warnings).toHaveLength(1);
    expect(await get('streams/bad.json')).toBe(content);
    await put('streams/bad.json', '{"files": []}');
    expect(await store.find('default', 'bad')).toMatchObject({ files: [] });
  });

  it('passes over keys that no stream can have, and never makes one', async () => {
    for (const key of [
      'not a name.json',
      'queues.json',
      '../up.json',
      'deep/er.json',
      'notes.txt',
      'ä+%2f.json',
    ])
      await put(`streams/${key}`, '{"files": []}');
    await put('elsewhere.json', '{"files": []}');
    expect(await store.list('default', { limit: 10 })).toEqual({ items: [] });
    expect(warnings.map(({ object }) => object)).toEqual(['not a name.json', 'queues.json', 'ä+%2f.json']);
    for (const [tenantId, name] of [
      ['default', '../x'],
      ['../default', 'x'],
      ['default', 'tenants/other/x'],
    ] as const) {
      await expect(store.find(tenantId, name)).rejects.toMatchObject({ code: 'invalid_input' });
      await expect(store.save({ ...STREAM, tenantId, name })).rejects.toMatchObject({
        code: 'invalid_input',
      });
    }
  });

  it('lists beyond 1,000 keys, by name, whatever their order by key', async () => {
    const names = ['night', 'morning', ...Array.from({ length: 1100 }, (_, n) => `night-${n % 7}-${n}`)];
    const definition = JSON.stringify({ files: ['a.mp3'] });
    for (let at = 0; at < names.length; at += 50)
      await Promise.all(names.slice(at, at + 50).map((name) => put(`streams/${name}.json`, definition)));
    const listed: string[] = [];
    let page = await store.list('default', { limit: 1000 });
    for (;;) {
      listed.push(...page.items.map(({ name }) => name));
      if (page.next === undefined) break;
      page = await store.list('default', { limit: 1000, after: page.next });
    }
    expect(listed).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)));
    // All of it is known by now.
    const again = await requestsOf(() => store.listUsing('default', 'b.mp3', 1));
    expect(again).toEqual(['LIST', 'LIST']);
  }, 30_000);

  it('removes the object of an expired stream', async () => {
    await store.save({ ...STREAM, expiresAtMs: NOW_MS });
    await store.save({ ...STREAM, name: 'second', expiresAtMs: NOW_MS });
    expect(await store.find('default', 'bedtime')).toBeNull();
    await expect(get('streams/bedtime.json')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await store.list('default', { limit: 10 });
    await expect(get('streams/second.json')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('asks S3 no more than it must', async () => {
    const saved = await store.save(STREAM, null);
    expect(await requestsOf(() => store.find('default', 'bedtime'))).toEqual(['GET']);
    expect(await requestsOf(() => store.find('default', 'nothing'))).toEqual(['GET']);
    expect(await requestsOf(() => store.save({ ...STREAM, files: [] }, saved.revision))).toEqual(['PUT']);
    expect(await requestsOf(() => store.save({ ...STREAM, name: 'new' }, null))).toEqual(['PUT']);
    expect(await requestsOf(() => store.list('default', { limit: 10 }))).toEqual(['LIST']);
    expect(await requestsOf(() => open(client).list('default', { limit: 1 }))).toEqual([
      'LIST',
      'GET',
      'GET',
    ]);
    expect(await requestsOf(() => store.deleteBySession('default', 's'))).toEqual(['LIST']);
    expect(await requestsOf(() => store.delete('default', 'new'))).toEqual(['GET', 'DELETE']);
  });

  it('loses none of many changes that several instances make at once', async () => {
    const stores = [open(client), open(direct), open(direct, 0)];
    await store.save({ ...STREAM, files: [] });
    const append = async (at: StreamStore, file: string): Promise<void> => {
      for (;;) {
        const found = await at.find('default', 'bedtime');
        if (found === null) throw new Error('It is not there.');
        const { revision, storedAtMs: _at, ...stream } = found;
        try {
          await at.save({ ...stream, files: [...stream.files, file] }, revision);
          return;
        } catch (error) {
          expect(error).toMatchObject({ code: 'precondition_failed' });
        }
      }
    };
    const files = Array.from({ length: 15 }, (_, number) => `${number}.mp3`);
    await Promise.all(files.map((file, number) => append(stores[number % 3] ?? store, file)));
    expect((await store.find('default', 'bedtime'))?.files.toSorted()).toEqual(files.toSorted());
  });
});
