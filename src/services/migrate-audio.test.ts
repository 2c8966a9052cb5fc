import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { audioFile, playablePart } from '../../test/sample-records.ts';
import { registryOf } from '../../test/test-actions.ts';
import { AppError } from '../domain/app-error.ts';
import { WITHOUT_TRANSCRIPT } from '../domain/audio-file.ts';
import type { OldAudio } from '../domain/old-audio.ts';
import type { ActionHandler } from './actions/action.ts';
import { parseIngestJob } from './ingest-job.ts';
import { migrateAudio, type MigrateAudioOptions } from './migrate-audio.ts';
import type { Ports } from './ports.ts';
import { startWorker, type Worker } from './worker.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What an ingest does to the record, without audio. */
const fakeIngest =
  ({ audioFiles, objects }: Pick<Ports, 'audioFiles' | 'objects'>): ActionHandler =>
  async (request) => {
    const { tenantId, payload } = parseIngestJob(request);
    const record = await audioFiles.find(tenantId, payload.filename);
    if (record === null) throw new AppError('conflict', 'It is gone.');
    const saved = {
      ...record,
      state: 'ready' as const,
      title: payload.title ?? record.title,
      part: playablePart(),
      originalSha256: payload.original_sha256,
      ...(record.part !== undefined && WITHOUT_TRANSCRIPT),
    };
    await audioFiles.save(saved, record.revision);
    await objects.delete(payload.upload_key);
    return { filename: payload.filename };
  };

describe('migrateAudio', () => {
  let ports: Ports;
  let worker: Worker;
  let files: Map<string, { text: string; version: string }>;
  let copies: string[];
  /** Runs before each copy. */
  let meanwhile: () => void;

  const old: OldAudio = {
    place: 'there',
    async *list() {
      for (const [name, { text, version }] of files) yield { name, version, sizeBytes: text.length };
    },
    find: async (name) => {
      const file = files.get(name);
      return file === undefined ? null : { name, version: file.version, sizeBytes: file.text.length };
    },
    copyTo: async ({ name, version }, key) => {
      meanwhile();
      const file = files.get(name);
      if (file?.version !== version) throw new AppError('conflict', 'It was changed.');
      copies.push(name);
      await ports.objects.write(key, [new TextEncoder().encode(file.text)]);
    },
    isLinkTo: async () => false,
    delete: async ({ name }) => void files.delete(name),
  };

  beforeEach(() => {
    files = new Map([['one.mp3', { text: 'first', version: '1' }]]);
    copies = [];
    meanwhile = () => undefined;
    let wake = () => {};
    ports = createMemoryPorts({ wakeWorkers: () => wake() });
    worker = startWorker(ports, {
      actions: registryOf({ ingest: fakeIngest(ports) }),
      concurrency: 2,
      leaseMs: 10_000,
    });
    wake = () => worker.wake();
  });
  afterEach(() => worker.stop(1000));

  async function run(options: Partial<MigrateAudioOptions> = {}) {
    const failures: string[] = [];
    const report = {
      progress: () => undefined,
      note: () => undefined,
      failure: (line: string) => void failures.push(line),
    };
    const counts = await migrateAudio(ports, old, report, { deletesOld: false, atOnce: 2, ...options });
    return { ...counts, failures };
  }
  const find = () => ports.audioFiles.find('default', 'one.mp3');
  const objects = async () => (await ports.objects.list('uploads/', { limit: 10 })).items;

  it('takes in again what is changed while it is copied', async () => {
    let isFirst = true;
    meanwhile = () => {
      if (isFirst) files.set('one.mp3', { text: 'second', version: '2' });
      isFirst = false;
    };
    expect(await run()).toEqual({ takenIn: 1, there: 0, deleted: 0, failures: [] });
    expect(await find()).toMatchObject({ originalSha256: sha256('second') });
    expect(await objects()).toEqual([]);
  });

  it('gives up on what changes again and again, and goes on with the rest', async () => {
    files.set('two.mp3', { text: 'two', version: '1' });
    let version = 1;
    meanwhile = () => {
      version += 1;
      files.set('one.mp3', { text: 'x', version: String(version) });
    };
    const { takenIn, failures } = await run({ atOnce: 1 });
    expect(takenIn).toBe(1);
    expect(failures).toEqual(['one.mp3: It was changed.']);
  });

  it('copies nothing the second time, and only what has changed the third time', async () => {
    await run();
    expect(await run()).toMatchObject({ takenIn: 0, there: 1 });
    expect(copies).toEqual(['one.mp3']);
    files.set('one.mp3', { text: 'changed', version: '2' });
    expect(await run()).toMatchObject({ takenIn: 1, there: 0 });
    expect(await find()).toMatchObject({ originalSha256: sha256('changed') });
  });

  it('waits for the request of a run that was killed, and keeps the transcript of the record', async () => {
    const record = audioFile('one.mp3', { transcriptStatus: 'completed', hasTranscript: true });
    await ports.audioFiles.create({ ...record, originalSha256: '' });
    await worker.stop(1000);
    const killed = run();
    const open = await untilThere(async () => (await ports.queue.claim(['ingest'], 1, 1))[0] ?? null);
    expect(open).not.toBeNull();
    worker = startWorker(ports, {
      actions: registryOf({ ingest: fakeIngest(ports) }),
      concurrency: 2,
      leaseMs: 10_000,
    });
    // The first run still waits as well: both come to the same end.
    const [first, second] = await Promise.all([killed, run()]);
    expect([first.failures, second.failures]).toEqual([[], []]);
    expect(copies).toEqual(['one.mp3']);
    expect(await find()).toMatchObject({ transcriptStatus: 'completed', hasTranscript: true, title: 'one' });
  });

  it('leaves other audio of the same name alone, but knows its own content', async () => {
    const record = audioFile('one.mp3', { part: playablePart(), originalSha256: sha256('another') });
    const created = await ports.audioFiles.create(record);
    expect((await run()).failures).toEqual([expect.stringContaining('another file named "one.mp3"')]);
    expect(await objects()).toEqual([]);
    const part = playablePart({ sizeBytes: 4 });
    const held = { originalKey: 'originals/x.mp3', originalSizeBytes: 5, originalSha256: sha256('first') };
    await ports.audioFiles.save({ ...created, part, ...held }, 1);
    // A record is not enough to delete anything for.
    expect((await run({ deletesOld: true })).failures).toEqual([expect.stringContaining('was not deleted')]);
    await ports.objects.write(part.key, [new Uint8Array(4)]);
    await ports.objects.write('originals/x.mp3', [new Uint8Array(5)]);
    expect(await run({ deletesOld: true })).toEqual({ takenIn: 0, there: 1, deleted: 1, failures: [] });
    expect(files.size).toBe(0);
  });
});

async function untilThere<Value>(look: () => Promise<Value | null>): Promise<Value | null> {
  for (let tries = 0; tries < 200; tries += 1) {
    const value = await look();
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return null;
}
