import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { portableFile, portableSamples, portableUser } from '../../test/portable-samples.ts';
import { playablePart, START_MS } from '../../test/sample-records.ts';
import { openTarReader } from '../adapters/archive/tar-reader.ts';
import { openTarWriter } from '../adapters/archive/tar-writer.ts';
import { createMemoryObjectStore } from '../adapters/memory/memory-object-store.ts';
import { createMemoryStreamStore } from '../adapters/memory/memory-stream-store.ts';
import { openDatabase } from '../adapters/sqlite/database.ts';
import { openSqlitePortableRecords } from '../adapters/sqlite/sqlite-portable-records.ts';
import { AppError } from '../domain/app-error.ts';
import type { ObjectStore } from '../domain/object-store.ts';
import { scheduledQueueKey } from '../domain/object-key.ts';
import type { StreamStore } from '../domain/stream.ts';
import { backUp } from './back-up.ts';
import { backupSource } from './backup-source.ts';
import { copyHome, type CopyHomeOptions } from './copy-home.ts';
import { hashKept, readKept } from './kept-objects.ts';
import type { PortableHome, PortableSource } from './portable-home.ts';
import { ProblemList } from './problem-list.ts';
import { withStreams } from './records-with-streams.ts';

const clock = () => START_MS;
const options: CopyHomeOptions = { overwrite: false, dryRun: false, clock, tell: () => undefined };

interface Home {
  readonly home: PortableHome;
  readonly source: PortableSource;
  readonly objects: ObjectStore;
  readonly streams: StreamStore;
}

function makeHome(change: Partial<PortableHome> = {}): Home {
  const objects = change.objects ?? createMemoryObjectStore();
  const streams = createMemoryStreamStore(clock);
  const records = withStreams(openSqlitePortableRecords(openDatabase(':memory:'), clock), streams);
  return {
    home: { records, objects, folder: null, queue: { countOpen: async () => 0 }, ...change },
    source: { records, readObjects: () => readKept(objects), listHashes: () => hashKept(objects) },
    objects,
    streams,
  };
}

const write = (objects: ObjectStore, key: string, text: string) =>
  objects.write(key, [new TextEncoder().encode(text)]);

async function contentOf({ objects }: Home, key: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of objects.read(key)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a copy of a home', () => {
  let from: Home;
  let to: Home;

  beforeEach(async () => {
    [from, to] = [makeHome(), makeHome()];
    await from.home.records.save(portableSamples());
    await write(from.objects, 'playable/aa.mp3', 'the audio');
    await write(from.objects, 'originals/bb.flac', 'as it was');
    await write(from.objects, 'covers/cc.jpg', 'a picture');
    await write(from.objects, 'uploads/request-1', 'unfinished');
    const stream = { tenantId: 'other', name: 'evening', files: ['pippi.mp3'] };
    await from.streams.save({ ...stream, playMode: 'loop', persistence: 'session', sessionId: 'session-1' });
  });

  it('has all records, streams of every tenant, and what is kept for good', async () => {
    const { records, objects, problems, verified } = await copyHome(from.source, to.home, options);
    expect(problems.lines).toEqual([]);
    expect(records.copied.get('audio_file')).toBe(4);
    expect(objects.copied).toEqual({ count: 3, bytes: 27 });
    expect(verified?.records.get('stream')).toBe(1);
    expect(verified?.objects.count).toBe(3);
    expect(await contentOf(to, 'playable/aa.mp3')).toBe('the audio');
    expect(await to.objects.find('uploads/request-1')).toBeNull();
    expect(await to.streams.find('other', 'evening')).toMatchObject({ sessionId: 'session-1' });
  });

  it('has the queues that still play until an edit is heard', async () => {
    const queue = '["pippi.mp3"]';
    const queueKey = scheduledQueueKey(createHash('sha256').update(queue).digest('hex'));
    await write(from.objects, queueKey, queue);
    const played = {
      queueKey,
      queueBytes: queue.length,
      playMode: 'loop',
      startFrame: 0,
      firstEpoch: 0,
    } as const;
    const before = [{ ...played, untilFrame: 900, untilMs: 23_511 }];
    const schedule = { before, startFrame: 900, firstEpoch: 3 };
    const stream = { tenantId: 'default', name: 'station', files: ['old.mp3'] };
    await from.streams.save({ ...stream, playMode: 'loop', persistence: 'permanent', schedule });
    const { problems } = await copyHome(from.source, to.home, options);
    expect(problems.lines).toEqual([]);
    expect((await to.streams.find('default', 'station'))?.schedule).toEqual(schedule);
    expect(await contentOf(to, queueKey)).toBe(queue);
  });

  it('tells what was lost before', async () => {
    await from.objects.delete('covers/cc.jpg');
    const { notes, problems } = await copyHome(from.source, to.home, options);
    expect(problems.count).toBe(0);
    expect(notes.lines).toContain('audio file pippi.mp3 names covers/cc.jpg, which is lost');
    expect(notes.lines).toContain('audio file old.mp3 has no playable part');
  });

  it('tells what was damaged before, and copies it', async () => {
    const key = `playable/${'a'.repeat(64)}.mp3`;
    await write(from.objects, key, 'something else');
    const { notes, problems } = await copyHome(from.source, to.home, options);
    expect(problems.count).toBe(0);
    expect(notes.lines).toContain(`object ${key} is damaged: it was so in the source`);
  });

  it('is refused, untouched, where something else is', async () => {
    await to.home.records.save([portableUser('99', 'somebody')]);
    await expect(copyHome(from.source, to.home, options)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('user somebody is not in the source') as string,
    });
    await write(to.objects, 'playable/aa.mp3', 'of another length');
    await expect(copyHome(from.source, makeHome({ objects: to.objects }).home, options)).rejects.toThrow(
      'object playable/aa.mp3: another one, of another size, is there',
    );
    expect(await contentOf(to, 'playable/aa.mp3')).toBe('of another length');
    expect(await to.objects.find('originals/bb.flac')).toBeNull();

    const { problems } = await copyHome(from.source, to.home, { ...options, overwrite: true });
    expect(problems.lines).toEqual([]);
    expect(await contentOf(to, 'playable/aa.mp3')).toBe('the audio');
    expect(await to.home.records.compare([portableUser('99', 'somebody')])).toEqual(['same']);
  });

  it('is refused while there are requests that are not done', async () => {
    const busy = { ...to.home, queue: { countOpen: async () => 2 } };
    await expect(copyHome(from.source, busy, options)).rejects.toThrow('2 requests are not done');
  });

  it('shows each file in the folder, and leaves alone what has its name', async () => {
    const shown: string[] = [];
    const folder = {
      publish: async (_tenantId: string, filename: string) => {
        shown.push(filename);
        return filename !== 'pippi.mp3';
      },
      withdraw: async () => undefined,
      listDropped: async () => [],
      ignoreDropped: () => undefined,
      removeDropped: async () => false,
    };
    const { notes } = await copyHome(from.source, { ...to.home, folder }, options);
    expect(shown).toEqual(['pippi.mp3']);
    expect(notes.lines).toContain('something else has the name pippi.mp3 in the folder; it was left alone');
  });

  it('names what the destination has lost by the end', async () => {
    const forgetful: ObjectStore = {
      ...to.objects,
      write: async (key, body) =>
        key.startsWith('covers/') ? { key, sizeBytes: 9, modifiedAtMs: 0 } : to.objects.write(key, body),
    };
    const { problems, verified } = await copyHome(from.source, { ...to.home, objects: forgetful }, options);
    expect(problems.lines).toEqual(['object covers/cc.jpg: is not there']);
    expect(verified?.objects.count).toBe(2);
  });

  describe('from a backup', () => {
    let directory: string;
    let path: string;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'earshot-backup-'));
      path = join(directory, 'all.tar');
      // Larger than what is read into memory, between small ones.
      await write(from.objects, 'index/large', 'x'.repeat(3_000_000));
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
        await write(from.objects, `waveforms/${name}`, name);
        await write(from.objects, `index/${name}`, 'y'.repeat(2_000_000));
      }
      const handle = await open(path, 'w');
      const notes = new ProblemList();
      await backUp(from.source, openTarWriter(handle), {
        clock,
        program: 'test',
        tell: () => undefined,
        notes,
      });
      await handle.close();
    });
    afterEach(() => rm(directory, { recursive: true }));

    it('is the same', async () => {
      const backup = backupSource(openTarReader(path), from.home.records);
      const { problems, verified } = await copyHome(backup, to.home, options);
      expect(problems.lines).toEqual([]);
      expect(verified?.objects.count).toBe(16);
      expect((await contentOf(to, 'index/large')).length).toBe(3_000_000);
      const again = await copyHome(backup, to.home, options);
      expect(again.objects.copied.count).toBe(0);
    });

    it.each(['at once', 'in the middle'])('ends when the destination fails %s', async (when) => {
      const full = new AppError('insufficient_storage', 'There is no space left.');
      const failing: ObjectStore = {
        ...to.objects,
        write: async (key, body) => {
          if (!key.startsWith('index/')) return to.objects.write(key, body);
          if (when === 'in the middle') for await (const chunk of body) if (chunk.length > 0) break;
          throw full;
        },
      };
      const backup = backupSource(openTarReader(path), from.home.records);
      await expect(copyHome(backup, { ...to.home, objects: failing }, options)).rejects.toBe(full);
      const { problems } = await copyHome(backup, to.home, options);
      expect(problems.count).toBe(0);
    });
  });

  it('takes a file that names a part which is not copied for what it is', async () => {
    const part = playablePart({ key: 'elsewhere/x.mp3' });
    await from.home.records.save([portableFile('far.mp3', 40, { part })]);
    const { notes } = await copyHome(from.source, to.home, options);
    expect(notes.lines).toContain('audio file far.mp3 names elsewhere/x.mp3, which is not copied');
  });
});
