import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { openDirectoryObjectStore } from '../adapters/files/directory-object-store.ts';
import { openLibraryFolder } from '../adapters/files/library-folder.ts';
import { AppError } from '../domain/app-error.ts';
import type { MediaTool } from '../domain/media-tool.ts';
import type { RequestFailure } from '../domain/request.ts';
import { parseIngestJob } from './ingest-job.ts';
import type { Ports } from './ports.ts';
import { reserveFilename } from './reserve-filename.ts';
import { startFolderWatch, takeInDropped } from './take-in-dropped.ts';
import type { FilesOnTheirWay } from './take-in-dropped.ts';

const never = async (): Promise<never> => {
  throw new AppError('internal', 'This is not asked for here.');
};

/** Takes for audio what begins with the word. */
const wordTool: MediaTool = {
  describe: never,
  idleCores: () => 1,
  measureLoudness: never,
  encode: never,
  async probe(path) {
    if (!(await readFile(path, 'utf8')).startsWith('audio')) {
      throw new AppError('unsupported_media', 'There is no audio in it.');
    }
    return { format: { codec: 'pcm', sampleRateHz: 44_100, channels: 2, bitrateKbps: 1411 } };
  },
};

describe('taking in dropped files', () => {
  let home: string;
  let root: string;
  let nowMs: number;
  let ports: Ports;
  let warnings: string[];
  let onTheirWay: FilesOnTheirWay;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'earshot-'));
    root = join(home, 'audio_files');
    nowMs = Date.now();
    warnings = [];
    const clock = () => nowMs;
    const tempDir = join(home, 'tmp');
    await mkdir(tempDir);
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: (_fields: unknown, message: string) => void warnings.push(message),
      error: () => undefined,
    };
    const objects = await openDirectoryObjectStore({ root, tempDir });
    const folder = await openLibraryFolder({ root, clock, log });
    ports = createMemoryPorts({ clock, log, objects, folder, mediaTool: wordTool, policy: { tempDir } });
    onTheirWay = new Map();
  });

  afterEach(async () => {
    expect(await readdir(join(home, 'tmp'))).toEqual([]);
    await rm(home, { recursive: true, force: true });
  });

  const drop = (name: string, content: string) => writeFile(join(root, name), content);
  const read = (name: string) => readFile(join(root, name), 'utf8');
  const visible = async () =>
    (await readdir(root, { withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();
  const look = () => takeInDropped(ports, onTheirWay);
  const lookTwice = async () => {
    await look();
    nowMs += 6000;
    await look();
  };
  const restart = async () => {
    const folder = await openLibraryFolder({ root, clock: () => nowMs, log: ports.log });
    ports = { ...ports, folder };
    onTheirWay = new Map();
  };
  const records = async () =>
    (await ports.audioFiles.list('default', { sort: 'name', limit: 100 })).items.map(
      ({ filename }) => filename,
    );

  /** Does what the ingest does to the stores, without sound. @returns the payload's file name */
  async function ingest(failure?: RequestFailure): Promise<string | null> {
    const [claimed] = await ports.queue.claim(['ingest'], 60_000, 1);
    if (claimed === undefined) return null;
    const job = parseIngestJob(claimed.request);
    const {
      upload_key: uploadKey,
      filename,
      original_sha256: sha256,
      original_size: sizeBytes,
    } = job.payload;
    const { tenantId } = job;
    if (failure !== undefined) {
      await ports.audioFiles.delete(tenantId, filename);
      await ports.objects.delete(uploadKey);
      await ports.queue.fail(claimed.lease, failure);
      return filename;
    }
    const record = await reserveFilename(ports, job);
    const originalKey = `originals/${sha256}.wav`;
    await ports.objects.copy(uploadKey, originalKey);
    expect((await ports.objects.find(originalKey))?.sizeBytes).toBe(sizeBytes);
    const key = `playable/${sha256}.mp3`;
    await ports.objects.write(key, [new TextEncoder().encode(`playable ${filename}`)]);
    const part = {
      key,
      sha256,
      sizeBytes: 1,
      audioStartByte: 0,
      audioBytes: 1,
      frameCount: 1,
      samplesPerFrame: 1152,
      sampleRateHz: 44_100,
      constantBitrate: true,
      bitrateKbps: 128,
      profileVersion: 1,
      gainSteps: 0,
    };
    await ports.audioFiles.save({ ...record, state: 'ready', originalKey, part }, record.revision);
    await ports.folder?.publish(tenantId, filename, key);
    await ports.objects.delete(uploadKey);
    await ports.queue.complete(claimed.lease, { filename });
    return filename;
  }

  it('takes a file in, and shows the library name in its place', async () => {
    await drop('Große Reise.wav', 'audio 1');
    await look();
    expect(await records()).toEqual([]);
    nowMs += 6000;
    await look();
    await look();
    expect(await records()).toEqual(['Große Reise.mp3']);
    expect(await read('Große Reise.wav')).toBe('audio 1');
    expect(await ingest()).toBe('Große Reise.mp3');
    await look();
    expect(await visible()).toEqual(['Große Reise.mp3']);
    const record = await ports.audioFiles.find('default', 'Große Reise.mp3');
    expect(record).toMatchObject({ createdBy: 'system', originalFilename: 'Große Reise.wav' });
    expect(await read(record?.originalKey ?? '')).toBe('audio 1');
    expect(await ingest()).toBeNull();
  });

  it('shows a file that was dropped as an MP3 under its own name', async () => {
    await drop('story.mp3', 'audio 1');
    await lookTwice();
    await ingest();
    expect(await read('story.mp3')).toBe('audio 1');
    await look();
    expect(await read('story.mp3')).toBe('playable story.mp3');
    expect((await stat(join(root, 'story.mp3'))).nlink).toBe(2);
  });

  it('overwrites nothing: a taken name gets a number', async () => {
    await drop('story.mp3', 'audio 1');
    await lookTwice();
    await ingest();
    await look();
    await rm(join(root, 'story.mp3'));
    await drop('story.mp3', 'audio 2, edited');
    await drop('story.wav', 'audio 3');
    await lookTwice();
    await ingest();
    await ingest();
    await look();
    expect(await records()).toEqual(['story-2.mp3', 'story-3.mp3', 'story.mp3']);
    expect(await visible()).toEqual(['story-2.mp3', 'story-3.mp3', 'story.mp3']);
    expect(await read('story.mp3')).toBe('playable story.mp3');
  });

  it('leaves what is no audio where it is, says so once, and looks again when it is changed', async () => {
    await drop('notes.txt', 'shopping list');
    await lookTwice();
    nowMs += 6000;
    await look();
    expect(warnings).toEqual(['a dropped file is not taken in, and left where it is']);
    expect(await read('notes.txt')).toBe('shopping list');
    expect((await ports.objects.list('uploads/', { limit: 1 })).items).toEqual([]);
    await drop('notes.txt', 'audio after all');
    await lookTwice();
    expect(await records()).toEqual(['notes.mp3']);
  });

  it('never loses a file whose ingest fails', async () => {
    await drop('story.wav', 'audio, but broken');
    await lookTwice();
    await ingest({ code: 'unsupported_media', message: 'It ends in the middle.', retryable: false });
    await look();
    await look();
    expect(await visible()).toEqual(['story.wav']);
    expect(await records()).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(await ingest()).toBeNull();
  });

  it('goes on after a restart, whenever it comes', async () => {
    await drop('story.wav', 'audio 1');
    await lookTwice();
    await restart();
    await lookTwice();
    expect(onTheirWay.size).toBe(1);
    expect((await ports.objects.list('uploads/', { limit: 10 })).items).toHaveLength(1);
    await ingest();
    await restart();
    await lookTwice();
    expect(await visible()).toEqual(['story.mp3']);
    expect(await records()).toEqual(['story.mp3']);
    expect(await ingest()).toBeNull();
  });

  it('removes the same content again only when the original is verifiably there', async () => {
    await drop('story.wav', 'audio 1');
    await lookTwice();
    await ingest();
    await look();
    await drop('again.wav', 'audio 1');
    await lookTwice();
    expect(await visible()).toEqual(['story.mp3']);
    const record = await ports.audioFiles.find('default', 'story.mp3');
    await ports.objects.write(record?.originalKey ?? '', [new TextEncoder().encode('noise 1')]);
    await drop('third.wav', 'audio 1');
    await lookTwice();
    expect(await visible()).toEqual(['story.mp3', 'third.wav']);
    await ports.objects.delete(record?.originalKey ?? '');
    await restart();
    await lookTwice();
    expect(await visible()).toEqual(['story.mp3', 'third.wav']);
  });

  it('does not remove a file that was changed while it was taken in', async () => {
    await drop('story.wav', 'audio 1');
    await lookTwice();
    await drop('story.wav', 'audio 1, and more');
    await ingest();
    await look();
    expect(await read('story.wav')).toBe('audio 1, and more');
    nowMs += 6000;
    await look();
    await ingest();
    await look();
    expect(await visible()).toEqual(['story-2.mp3', 'story.mp3']);
  });

  it('has a few files on their way at a time, and takes in all', async () => {
    const names = Array.from({ length: 10 }, (_, number) => `${number}.wav`);
    await Promise.all(names.map((name) => drop(name, `audio ${name}`)));
    await lookTwice();
    expect((await ports.objects.list('uploads/', { limit: 100 })).items).toHaveLength(4);
    for (let pass = 0; pass < 4; pass += 1) {
      while ((await ingest()) !== null);
      await look();
    }
    expect(await visible()).toEqual(names.map((name) => name.replace('wav', 'mp3')));
  });

  it('gives every file its turn before it reports a failure', async () => {
    const mediaTool: MediaTool = {
      ...wordTool,
      async probe(path) {
        if (path.endsWith('a.wav')) throw new AppError('tool_unavailable', 'There is no ffmpeg.');
        return wordTool.probe(path);
      },
    };
    ports = { ...ports, mediaTool };
    await drop('a.wav', 'audio 1');
    await drop('b.wav', 'audio 2');
    await look();
    nowMs += 6000;
    await expect(look()).rejects.toMatchObject({ code: 'tool_unavailable' });
    expect(await records()).toEqual(['b.mp3']);
    expect(await read('a.wav')).toBe('audio 1');
  });

  it('watches until it is stopped, and has nothing to do without a folder', async () => {
    const watch = startFolderWatch(ports, { intervalMs: 1 });
    await drop('story.wav', 'audio 1');
    const deadline = Date.now() + 5000;
    while ((await records()).length === 0 && Date.now() < deadline) {
      nowMs += 3000;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await watch.stop();
    expect(await records()).toEqual(['story.mp3']);
    await takeInDropped({ ...ports, folder: null }, onTheirWay);
  });
});
