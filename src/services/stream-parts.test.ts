import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../adapters/sqlite/database.ts';
import { openSqliteAudioFileStore } from '../adapters/sqlite/sqlite-audio-file-store.ts';
import type { AudioFileStore } from '../domain/audio-file.ts';
import type { StoredStream } from '../domain/stream.ts';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { addTrack } from '../../test/stream-library.ts';
import type { Ports } from './ports.ts';
import { resolveParts } from './stream-parts.ts';

const NAMES = ['a.mp3', 'b.mp3', 'c.mp3', 'a.mp3'];

/** A library in a database of which another process has a connection too. */
async function openShared() {
  const directory = await mkdtemp(join(tmpdir(), 'earshot-'));
  const path = join(directory, 'earshot.db');
  const databases = [openDatabase(path), openDatabase(path)] as const;
  const [mine, others] = databases.map(openSqliteAudioFileStore) as [AudioFileStore, AudioFileStore];
  const close = async () => {
    for (const database of databases) database.close();
    await rm(directory, { recursive: true });
  };
  return { mine, others, close };
}

describe('a queue that was heard before', () => {
  let nowMs: number;
  let ports: Ports;
  let shared: Awaited<ReturnType<typeof openShared>>;
  /** How often records were read. */
  let reads: number;

  beforeEach(async () => {
    nowMs = 1000;
    reads = 0;
    shared = await openShared();
    const audioFiles: AudioFileStore = {
      ...shared.mine,
      findMany: (...query) => {
        reads += 1;
        return shared.mine.findMany(...query);
      },
    };
    ports = createMemoryPorts({ clock: () => nowMs, audioFiles });
    for (const [index, name] of ['a.mp3', 'b.mp3', 'c.mp3'].entries()) await addTrack(ports, name, 5 + index);
    await save(NAMES);
  });
  afterEach(() => shared.close());

  async function save(files: readonly string[]): Promise<void> {
    const definition = { tenantId: 'default', name: 's', files, playMode: 'sequential' } as const;
    await ports.streams.save({ ...definition, persistence: 'permanent' });
  }
  async function resolve(skipMissing = false) {
    const stream = (await ports.streams.find('default', 's')) as StoredStream;
    return resolveParts(ports, stream, { skipMissing, waitMs: 0 });
  }
  const titles = async (skipMissing = false) =>
    (await resolve(skipMissing)).map((entry) => entry?.title ?? null);
  const change = async (store: AudioFileStore, filename: string, title: string) => {
    const file = await store.find('default', filename);
    if (file !== null) await store.save({ ...file, title }, file.revision);
  };

  it('is the very same, and reads no record, as long as nothing was written', async () => {
    const first = await resolve();
    const readsBefore = reads;
    expect(await resolve()).toBe(first);
    expect(await resolve(true)).toBe(first);
    expect(reads).toBe(readsBefore);
  });

  it('is what it is now after every edit of a file, in this process or another', async () => {
    await resolve();
    await change(shared.others, 'b.mp3', 'Theirs');
    expect((await titles())[1]).toBe('Theirs');
    await change(ports.audioFiles, 'b.mp3', 'Ours');
    expect((await titles())[1]).toBe('Ours');
    await shared.others.delete('default', 'b.mp3');
    await expect(resolve()).rejects.toMatchObject({ code: 'missing_part', details: { missing: ['b.mp3'] } });
    expect((await titles(true))[1]).toBeNull();
    await expect(resolve()).rejects.toMatchObject({ code: 'missing_part' });
    await addTrack({ ...ports, audioFiles: shared.others }, 'b.mp3', 9);
    expect((await resolve())[1]?.part.frameCount).toBe(9);
  });

  it('is what it is now after every edit of its definition', async () => {
    await resolve();
    await save(['c.mp3']);
    expect(await titles()).toEqual(['Title of c.mp3']);
    await save(NAMES);
    expect(await titles()).toHaveLength(4);
  });

  it('is looked for in the store again after half a minute', async () => {
    const first = await resolve();
    nowMs += 30_000;
    expect(await resolve()).toBe(first);
    await ports.objects.delete(first[2]?.part.key ?? '');
    nowMs += 29_999;
    expect(await resolve()).toBe(first);
    nowMs += 1;
    await expect(resolve()).rejects.toMatchObject({ code: 'missing_part', details: { missing: ['c.mp3'] } });
    expect((await resolve(true)).map((entry) => entry === null)).toEqual([false, false, true, false]);
  });
});
