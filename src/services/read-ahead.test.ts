import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../adapters/sqlite/database.ts';
import { openSqliteAudioFileStore } from '../adapters/sqlite/sqlite-audio-file-store.ts';
import { AppError } from '../domain/app-error.ts';
import type { AudioFileStore } from '../domain/audio-file.ts';
import type { StoredStream } from '../domain/stream.ts';
import { LOCAL_CALLER } from './authenticate.ts';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { addTrack, addUnreadyFile } from '../../test/stream-library.ts';
import type { Ports } from './ports.ts';
import { startReadAhead } from './read-ahead.ts';
import type { RepeatedWork } from './repeated-work.ts';
import { planOrder, prepareListening } from './stream-order.ts';
import { replaceQueue } from './stream-queue.ts';

let directory: string;
let databases: ReturnType<typeof openDatabase>[];
let ports: Ports;
/** The store of another process that has the same database open. */
let others: AudioFileStore;
let work: RepeatedWork | null;
/** Look-ups of records and of objects. */
let lookUps: number;
let failures: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'earshot-'));
  databases = [0, 1].map(() => openDatabase(join(directory, 'earshot.db')));
  const [mine, theirs] = databases.map(openSqliteAudioFileStore) as [AudioFileStore, AudioFileStore];
  others = theirs;
  work = null;
  lookUps = 0;
  failures = [];
  const plain = createMemoryPorts();
  ports = {
    ...plain,
    audioFiles: {
      ...mine,
      findMany: (...query) => {
        lookUps += 1;
        return mine.findMany(...query);
      },
    },
    log: { ...plain.log, error: (_fields, message) => failures.push(message) },
  };
  for (const [index, name] of ['a.mp3', 'b.mp3', 'c.mp3'].entries()) await addTrack(ports, name, 5 + index);
});
afterEach(async () => {
  await work?.stop();
  for (const database of databases) database.close();
  await rm(directory, { recursive: true });
});

const save = (name: string, files: readonly string[], playMode: StoredStream['playMode'] = 'sequential') =>
  ports.streams.save({ tenantId: 'default', name, files, playMode, persistence: 'permanent' });

const start = (maxEntries?: number) => {
  const quick = { startAfterMs: 0, intervalMs: 1, pauseMs: 0 };
  work = startReadAhead(ports, { ...quick, ...(maxEntries !== undefined && { maxEntries }) });
};

/** Whether the queue of a stream is held for its listeners. */
async function isReady(name: string): Promise<boolean> {
  const stream = await ports.streams.find('default', name);
  const version = await ports.audioFiles.version();
  return stream !== null && ports.recentQueues.find(version, stream) !== undefined;
}
const untilReady = (name: string) => vi.waitFor(async () => expect(await isReady(name)).toBe(true));

async function listen(name: string) {
  const request = { name, skipMissing: false, waitMs: 0, listener: { address: '', userAgent: 'Player' } };
  const listening = await prepareListening(ports, 'default', LOCAL_CALLER, request);
  return planOrder(ports, listening, 0);
}

describe('reading ahead', () => {
  it('leaves a first listener nothing to look up, and nothing to plan', async () => {
    await save('s', ['a.mp3', 'b.mp3', 'a.mp3']);
    const plan = vi.spyOn(ports.recentQueues, 'plan');
    start();
    await untilReady('s');
    await work?.stop();
    const lookUpsBefore = lookUps;
    const heard = await listen('s');
    expect(lookUps).toBe(lookUpsBefore);
    expect(await plan.mock.results[0]?.value).toBe(heard);
    expect(heard.plan.segments).toHaveLength(4);
  });

  it('takes in what is written later, and what is put into a queue', async () => {
    start();
    await replaceQueue(ports, LOCAL_CALLER, 'new', { files: ['a.mp3'] });
    await untilReady('new');
    await replaceQueue(ports, LOCAL_CALLER, 'new', { files: ['b.mp3', 'c.mp3'] });
    await untilReady('new');
    expect((await listen('new')).entries.map(({ filename }) => filename)).toEqual(['b.mp3', 'c.mp3']);
  });

  it('never makes anybody hear what was there before', async () => {
    await save('s', ['a.mp3', 'b.mp3']);
    start();
    await untilReady('s');
    await work?.stop();
    const before = await listen('s');
    // Another process takes a file in anew, the queue is edited, and a file of it is deleted elsewhere.
    await others.delete('default', 'b.mp3');
    await addTrack({ ...ports, audioFiles: others }, 'b.mp3', 9);
    const after = await listen('s');
    expect(after.entries[1]?.part.frameCount).toBe(9);
    expect(after.plan.etag).not.toBe(before.plan.etag);
    await save('s', ['c.mp3']);
    expect((await listen('s')).entries.map(({ filename }) => filename)).toEqual(['c.mp3']);
    await others.delete('default', 'c.mp3');
    await expect(listen('s')).rejects.toMatchObject({ code: 'missing_part' });
  });

  it('passes over what cannot be played yet', async () => {
    await addUnreadyFile(ports, 'coming.mp3', 'processing');
    await save('a-empty', []);
    await save('b-gone', ['unknown.mp3']);
    await save('c-coming', ['coming.mp3']);
    await save('d-shuffled', ['a.mp3'], 'shuffle');
    await save('e-fine', ['a.mp3']);
    start();
    await untilReady('e-fine');
    expect(await isReady('d-shuffled')).toBe(true);
    expect(await isReady('b-gone')).toBe(false);
    expect(failures).toEqual([]);
  });

  it('tells what stands in its way, and reads no more than it may', async () => {
    await save('a', ['a.mp3', 'b.mp3']);
    await save('b', ['c.mp3', 'a.mp3']);
    await save('c', ['a.mp3']);
    start(4);
    await untilReady('b');
    await work?.stop();
    expect(await isReady('c')).toBe(false);
    const list = async () => Promise.reject(new AppError('storage_unavailable', 'Not now.'));
    ports = { ...ports, streams: { ...ports.streams, list } };
    start();
    await vi.waitFor(() => expect(failures).toEqual([expect.stringContaining('reading ahead')]));
  });
});
