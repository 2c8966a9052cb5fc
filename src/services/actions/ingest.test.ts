import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openIngestBench } from '../../../test/ingest-bench.ts';
import type { IngestBench } from '../../../test/ingest-bench.ts';
import { makeId3, makeToneWav } from '../../../test/made-audio.ts';
import { AppError } from '../../domain/app-error.ts';
import { DEFAULT_PROFILE } from '../../domain/media-tool.ts';
import type { AudioFile } from '../../domain/audio-file.ts';
import { reserveFilename } from '../reserve-filename.ts';
import { parseIngestJob } from '../ingest-job.ts';

const TONE = makeToneWav({ seconds: 3, amplitude: 0.1 });

describe('ingest', { timeout: 60_000 }, () => {
  let bench: IngestBench;
  /** A tone as an MP3 that fits the profile. */
  let mp3: Uint8Array;

  beforeAll(async () => {
    bench = await openIngestBench();
    mp3 = await encode(TONE);
  }, 60_000);
  afterAll(() => bench.close());
  afterEach(async () => {
    const { items } = await bench.ports.audioFiles.list('default', { sort: 'name', limit: 100 });
    for (const file of items) await bench.ports.audioFiles.delete('default', file.filename);
  });

  async function encode(wav: Uint8Array): Promise<Uint8Array> {
    const paths = [join(bench.tempDir, 'in.wav'), join(bench.tempDir, 'out.mp3')] as const;
    await writeFile(paths[0], wav);
    await bench.ports.mediaTool.encode(...paths, { profile: DEFAULT_PROFILE, gainDb: 0, limit: false });
    const encoded = await readFile(paths[1]);
    await Promise.all(paths.map((path) => rm(path)));
    return encoded;
  }

  const find = (filename = 'story.mp3') => bench.ports.audioFiles.find('default', filename);
  async function getReady(filename = 'story.mp3') {
    const file = await find(filename);
    if (file?.part === undefined) throw new Error(`${filename} is not ready`);
    return { ...file, part: file.part };
  }
  const read = async (key: string) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of bench.ports.objects.read(key)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };

  it('makes a playable part at the target loudness, keeps the original, leaves nothing over', async () => {
    await bench.run(await bench.upload(TONE, { original_filename: 'My story.wav' }));
    const file = await getReady();
    expect(file).toMatchObject({
      state: 'ready',
      title: 'story',
      format: { codec: 'pcm_s16le', sampleRateHz: 44_100, channels: 2 },
      originalKey: `originals/${file.originalSha256}.wav`,
      originalFilename: 'My story.wav',
      createdBy: 'user',
    });
    const { part } = file;
    expect(part).toMatchObject({ profileVersion: 1, constantBitrate: true, bitrateKbps: 128 });
    expect(file.durationMs).toBe(Math.round((part.frameCount * 1152 * 1000) / 44_100));
    const playable = await read(part.key);
    expect(playable.length).toBe(part.sizeBytes);
    expect(createHash('sha256').update(playable).digest('hex')).toBe(part.sha256);
    expect(part.audioStartByte + part.audioBytes).toBe(part.sizeBytes);
    expect(await read(file.originalKey ?? '')).toEqual(Buffer.from(TONE));
    expect(await bench.ports.objects.find(`index/${part.sha256}`)).not.toBeNull();
    expect(bench.shown.get('story.mp3')).toBe(part.key);
    expect(await bench.leftovers()).toEqual([]);
  });

  it('takes the title from the tags, unless the upload or an edit gave one', async () => {
    const title = Buffer.from('\x03Die Höhle', 'utf8');
    const frame = Buffer.concat([Buffer.from([0x54, 0x49, 0x54, 0x32, 0, 0, 0, title.length, 0, 0]), title]);
    const tagged = Buffer.concat([makeId3(frame.length, frame), mp3]);
    await bench.run(await bench.upload(tagged, { filename: 'tagged.mp3' }));
    expect(await find('tagged.mp3')).toMatchObject({ title: 'Die Höhle' });
    await bench.run(await bench.upload(tagged, { filename: 'given.mp3', title: 'Mine' }));
    expect(await find('given.mp3')).toMatchObject({ title: 'Mine' });
  });

  describe('with a file of that name', () => {
    let old: AudioFile;

    async function takeOld(): Promise<void> {
      await bench.run(await bench.upload(mp3, { original_filename: 'old.mp3', title: 'Old' }));
      old = await getReady();
    }

    it('refuses, and leaves it alone', async () => {
      await takeOld();
      await expect(bench.run(await bench.upload(TONE, {}))).rejects.toMatchObject({ code: 'already_exists' });
      expect(await find()).toEqual(old);
      expect(await bench.leftovers()).toEqual([]);
    });

    it('switches the record when it replaces, and retires the old part', async () => {
      await takeOld();
      const other = makeToneWav({ seconds: 2, amplitude: 0.1 });
      const request = await bench.upload(other, { replace: true });
      await bench.run(request);
      const file = await getReady();
      expect(file).toMatchObject({
        title: 'Old',
        requestId: request.requestId,
        originalFilename: 'story.wav',
      });
      expect(file.part.key).not.toBe(old.part?.key);
      expect(bench.shown.get('story.mp3')).toBe(file.part.key);
      const due = await bench.ports.retired.listDue(Infinity, 100);
      expect(due.map(({ key }) => key)).toEqual(expect.arrayContaining([old.part?.key, old.originalKey]));
      expect(await bench.ports.objects.find(old.part?.key ?? '')).not.toBeNull();
    });

    it('keeps it when what should replace it is no audio', async () => {
      await takeOld();
      const request = await bench.upload(Buffer.from('no audio'), { replace: true });
      await expect(bench.run(request)).rejects.toMatchObject({ code: 'unsupported_media' });
      expect(await find()).toEqual(old);
      expect(await bench.leftovers()).toEqual([]);
    });
  });

  it('leaves nothing behind of what is no audio', async () => {
    const request = await bench.upload(Buffer.from('once upon a time'), {});
    await expect(bench.run(request)).rejects.toMatchObject({ code: 'unsupported_media' });
    expect(await find()).toBeNull();
    expect(await bench.leftovers()).toEqual([]);
  });

  it('keeps record and upload for a retry, also for one that somebody asks for when none is left', async () => {
    const request = await bench.upload(TONE, {});
    const probe = async () => {
      throw new AppError('tool_unavailable', 'ffmpeg could not be started.');
    };
    const broken = { ...bench.ports, mediaTool: { ...bench.ports.mediaTool, probe } };
    await expect(bench.run(request, {}, broken)).rejects.toMatchObject({ code: 'tool_unavailable' });
    expect(await find()).toMatchObject({ state: 'processing' });
    expect(await bench.leftovers()).toEqual([`uploads/${request.requestId}`]);
    await expect(bench.run(request, { isLastAttempt: true }, broken)).rejects.toThrow();
    expect(await find()).toMatchObject({ state: 'failed', error: 'ffmpeg could not be started.' });
    expect(await bench.leftovers()).toEqual([`uploads/${request.requestId}`]);
    let during: unknown;
    const watched: typeof probe = async () => {
      during = await find();
      return probe();
    };
    const asked = { ...broken, mediaTool: { ...broken.mediaTool, probe: watched } };
    await expect(bench.run(request, {}, asked)).rejects.toThrow();
    expect(during).toMatchObject({ state: 'processing', error: undefined });
    await bench.run(request);
    expect(await find()).toMatchObject({ state: 'ready' });
    expect(await bench.leftovers()).toEqual([]);
  });

  it('leaves the name of what has failed to whoever uploads again', async () => {
    const request = await bench.upload(TONE, {});
    const probe = async () => {
      throw new AppError('tool_unavailable', 'ffmpeg could not be started.');
    };
    const broken = { ...bench.ports, mediaTool: { ...bench.ports.mediaTool, probe } };
    await expect(bench.run(request, { isLastAttempt: true }, broken)).rejects.toThrow();
    await bench.run(await bench.upload(TONE, {}));
    const taken = await find();
    expect(taken).toMatchObject({ state: 'ready' });
    // The first one comes too late, then.
    await expect(bench.run(request)).rejects.toMatchObject({ code: 'already_exists' });
    expect(await find()).toEqual(taken);
    expect(await bench.leftovers()).toEqual([]);
  });

  it('stops when aborted, and goes on from the start the next time', async () => {
    const request = await bench.upload(TONE, {});
    await expect(bench.run(request, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'aborted',
    });
    expect(await find()).toMatchObject({ state: 'processing' });
    await bench.run(request);
    expect(await find()).toMatchObject({ state: 'ready' });
  });

  it('ends without a trace when the file is deleted meanwhile', async () => {
    const request = await bench.upload(TONE, {});
    const probe: typeof bench.ports.mediaTool.probe = async (...input) => {
      await bench.ports.audioFiles.delete('default', 'story.mp3');
      return bench.ports.mediaTool.probe(...input);
    };
    const ports = { ...bench.ports, mediaTool: { ...bench.ports.mediaTool, probe } };
    await expect(bench.run(request, {}, ports)).rejects.toMatchObject({ code: 'conflict' });
    expect(await find()).toBeNull();
    expect(await bench.leftovers()).toEqual([]);
  });
});

describe('reserveFilename', () => {
  it('is idempotent for a request and refuses another', async () => {
    const bench = await openIngestBench();
    const [first, second] = [await bench.upload(TONE, {}), await bench.upload(TONE, {})];
    const reserved = await reserveFilename(bench.ports, parseIngestJob(first));
    expect(reserved).toMatchObject({ state: 'processing', title: 'story', requestId: first.requestId });
    expect(await reserveFilename(bench.ports, parseIngestJob(first))).toEqual(reserved);
    await expect(reserveFilename(bench.ports, parseIngestJob(second))).rejects.toMatchObject({
      code: 'already_exists',
    });
    await bench.close();
  });
});
