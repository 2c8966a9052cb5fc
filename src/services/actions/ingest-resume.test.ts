import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openIngestBench, type IngestBench } from '../../../test/ingest-bench.ts';
import { findAnyFfmpeg } from '../../../test/any-ffmpeg.ts';
import { makeToneWav } from '../../../test/made-audio.ts';
import { AppError } from '../../domain/app-error.ts';
import type { AudioFile } from '../../domain/audio-file.ts';
import type { MediaTool } from '../../domain/media-tool.ts';
import type { AsyncRequest } from '../../domain/request.ts';
import type { IngestPorts } from '../ingest-job.ts';

const CHECKPOINT = 'uploads/request-1.checkpoint';
const away = async (): Promise<never> => {
  throw new AppError('storage_unavailable', 'Away.');
};

/** Each phase of it counts as long. */
describe('ingest that a worker goes on with', { timeout: 60_000 }, () => {
  let bench: IngestBench;
  let ports: IngestPorts;
  let request: AsyncRequest;
  let calls: string[];

  beforeEach(async () => {
    await findAnyFfmpeg();
    bench = await openIngestBench();
    calls = [];
    const { mediaTool } = bench.ports;
    const counted: MediaTool = {
      ...mediaTool,
      describe: () => mediaTool.describe(),
      probe: (path, options) => mediaTool.probe(path, options),
      // What is encoded beside the measure is lost with the worker.
      idleCores: () => 0,
      measureLoudness: (path, options) => {
        calls.push('measure');
        return mediaTool.measureLoudness(path, options);
      },
      encode: (input, output, options, run) => {
        calls.push('encode');
        return mediaTool.encode(input, output, options, run);
      },
    };
    let nowMs = Date.now();
    ports = { ...bench.ports, mediaTool: counted, clock: () => (nowMs += 60_000) };
    request = await bench.upload(makeToneWav({ seconds: 1, amplitude: 0.1 }), {});
  });
  afterEach(() => bench.close());

  const run = (change: Partial<IngestPorts> = {}) => bench.run(request, {}, { ...ports, ...change });
  const goOn = (change: Partial<IngestPorts> = {}) =>
    bench.run({ ...request, seq: request.seq + 2 }, {}, { ...ports, ...change });
  const file = () => bench.ports.audioFiles.find('default', 'story.mp3');

  /** What the record of an ingest without any failure says. */
  let whole: { readonly [Field in keyof AudioFile]?: AudioFile[Field] | undefined };
  beforeAll(async () => {
    const other = await openIngestBench();
    await other.run(await other.upload(makeToneWav({ seconds: 1, amplitude: 0.1 }), {}));
    const record = await other.ports.audioFiles.find('default', 'story.mp3');
    await other.close();
    whole = { part: record?.part, loudnessLufs: record?.loudnessLufs, durationMs: record?.durationMs };
  });

  it('measures once: a second run encodes by what the first one heard', async () => {
    await expect(run({ mediaTool: { ...ports.mediaTool, encode: away } })).rejects.toThrow('Away.');
    expect(calls).toEqual(['measure']);
    expect(await bench.leftovers()).toEqual(['uploads/request-1', CHECKPOINT]);
    await goOn();
    expect(calls).toEqual(['measure', 'encode']);
    expect(await file()).toMatchObject({ state: 'ready', ...whole });
    expect(await bench.leftovers()).toEqual([]);
  });

  it('encodes once: a second run records what the first one stored', async () => {
    const audioFiles = { ...ports.audioFiles, save: away };
    await expect(run({ audioFiles })).rejects.toThrow('Away.');
    calls = [];
    await goOn();
    expect(calls).toEqual([]);
    expect(await file()).toMatchObject({ state: 'ready', ...whole });
    expect(await bench.leftovers()).toEqual([]);
  });

  it('does again what is not there any more, or cannot be read', async () => {
    const audioFiles = { ...ports.audioFiles, save: away };
    await expect(run({ audioFiles })).rejects.toThrow('Away.');
    const { items } = await bench.ports.objects.list('playable/', { limit: 10 });
    for (const { key } of items) await bench.ports.objects.delete(key);
    calls = [];
    await expect(goOn({ audioFiles })).rejects.toThrow('Away.');
    expect(calls).toEqual(['measure', 'encode']);
    for (const garbage of ['{', '{"version":0}', 'null', JSON.stringify({ version: 1, sha256: 'other' })]) {
      await bench.ports.objects.write(CHECKPOINT, [Buffer.from(garbage)]);
      calls = [];
      await expect(goOn({ audioFiles })).rejects.toThrow('Away.');
      expect(calls, garbage).toEqual(['measure', 'encode']);
    }
    await goOn();
    expect(await file()).toMatchObject({ state: 'ready', ...whole });
  });

  it('keeps nothing of what is quickly done again, and looks for nothing when it begins', async () => {
    const writes: string[] = [];
    const reads: string[] = [];
    const { objects } = bench.ports;
    const watched: IngestPorts['objects'] = {
      ...objects,
      read: (key, ...rest) => {
        reads.push(key);
        return objects.read(key, ...rest);
      },
      write: (key, ...rest) => {
        writes.push(key);
        return objects.write(key, ...rest);
      },
    };
    await run({ objects: watched, clock: () => 1_800_000_000_000 });
    expect(writes).not.toContain(CHECKPOINT);
    expect(reads).not.toContain(CHECKPOINT);
    expect(await file()).toMatchObject({ state: 'ready' });
  });
});
