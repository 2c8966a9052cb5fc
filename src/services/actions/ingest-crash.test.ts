import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openIngestBench } from '../../../test/ingest-bench.ts';
import type { IngestBench } from '../../../test/ingest-bench.ts';
import { makeToneWav } from '../../../test/made-audio.ts';
import { AppError } from '../../domain/app-error.ts';
import { DEFAULT_PROFILE } from '../../domain/media-tool.ts';
import type { MediaTags, MediaTool } from '../../domain/media-tool.ts';
import type { IngestPorts } from '../ingest-job.ts';

const PORT_NAMES = ['audioFiles', 'folder', 'mediaTool', 'objects', 'retired', 'tagReader'] as const;
const TAGS: MediaTags = {
  artist: 'Somebody',
  chapters: [{ title: 'One', startMs: 0 }],
  cover: { mediaType: 'image/jpeg', bytes: Buffer.from('a picture') },
};
/** More than an ingest ever makes; the last runs of the loop see no failure. */
const MAX_CALLS = 60;

interface Failing {
  readonly ports: IngestPorts;
  callCount(): number;
}

type FailureKind = 'before the call' | 'after the call' | 'from the call on';

/**
 * Every port, made to fail at the `failAt`-th call: once before or after it took effect, or, as when the process is
 * killed, for all that comes after, too.
 */
function failing(ports: IngestPorts, failAt: number, kind: FailureKind): Failing {
  let calls = 0;
  const fail = () => {
    throw new AppError('storage_unavailable', `The port failed at call ${failAt}.`);
  };
  const wrap = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        // Only what promises something does something.
        if (typeof method !== 'function' || name === 'idleCores') return method;
        return async (...input: unknown[]) => {
          calls += 1;
          const isDue = calls === failAt || (kind === 'from the call on' && calls > failAt);
          if (isDue && kind !== 'after the call') fail();
          const result: unknown = await Reflect.apply(method, target, input);
          if (isDue) fail();
          return result;
        };
      },
    });
  const wrapped = Object.fromEntries(PORT_NAMES.map((name) => [name, wrap(ports[name] ?? {})]));
  return { ports: { ...ports, ...wrapped }, callCount: () => calls };
}

describe('ingest, when a port fails at any moment', { timeout: 120_000 }, () => {
  let wav: Uint8Array;
  let mp3: Uint8Array;
  let tool: MediaTool;

  beforeAll(async () => {
    wav = makeToneWav({ seconds: 1, amplitude: 0.1 });
    ({ tool, mp3 } = await recordMediaTool(wav));
  }, 60_000);
  const benches: IngestBench[] = [];
  afterAll(() => Promise.all(benches.map((bench) => bench.close())));

  async function openBench(): Promise<IngestBench> {
    // Threads that read tags are slow to start, and not what this is about.
    const bench = await openIngestBench({ mediaTool: tool, tagReader: { read: async () => TAGS } });
    benches.push(bench);
    return bench;
  }

  it.each<readonly [FailureKind, string]>([
    ['before the call', 'nothing kept in between'],
    ['after the call', 'nothing kept in between'],
    ['from the call on', 'nothing kept in between'],
    ['before the call', 'each phase kept'],
    ['after the call', 'each phase kept'],
    ['from the call on', 'each phase kept'],
  ])('has the new state after another run, and none in between: %s, %s', async (kind, keeping) => {
    let failAt = 1;
    for (; failAt < MAX_CALLS; failAt += 1) {
      const bench = await openBench();
      const request = await bench.upload(wav, {});
      const ports = keeping === 'each phase kept' ? { ...bench.ports, clock: slowClock() } : bench.ports;
      const broken = failing(ports, failAt, kind);
      const failed = await bench.run(request, {}, broken.ports).then(
        () => false,
        () => true,
      );
      const between = await bench.ports.audioFiles.find('default', 'story.mp3');
      if (between?.state === 'ready') {
        expect(await bench.ports.objects.find(between.part?.key ?? '')).not.toBeNull();
      } else {
        expect([undefined, 'processing']).toContain(between?.state);
      }
      await bench.run({ ...request, seq: request.seq + 2 }, {}, ports);
      const file = await bench.ports.audioFiles.find('default', 'story.mp3');
      expect(file).toMatchObject({ state: 'ready', requestId: request.requestId });
      const keys = [file?.part?.key, file?.originalKey, file?.coverKey, file?.waveformKey];
      for (const key of [...keys, `index/${file?.part?.sha256}`]) {
        expect(await bench.ports.objects.find(key ?? '')).not.toBeNull();
      }
      const chapters = await bench.ports.audioFiles.findChapters('default', ['story.mp3']);
      expect(chapters.get('story.mp3')).toEqual(TAGS.chapters);
      expect(bench.shown.get('story.mp3')).toBe(file?.part?.key);
      expect(await bench.leftovers()).toEqual([]);
      if (!failed && broken.callCount() < failAt) break;
    }
    expect(failAt).toBeGreaterThan(15);
    expect(failAt).toBeLessThan(MAX_CALLS);
  });

  it.each<FailureKind>(['before the call', 'from the call on'])(
    'replaces a file wholly or not at all: %s',
    async (kind) => {
      for (let failAt = 1; failAt < MAX_CALLS; failAt += 1) {
        const bench = await openBench();
        await bench.run(await bench.upload(mp3, { original_filename: 'old.mp3' }));
        const old = await bench.ports.audioFiles.find('default', 'story.mp3');
        const request = await bench.upload(wav, { replace: true, title: 'New' });
        const untagged = { ...bench.ports, tagReader: { read: async () => ({}) } };
        const broken = failing(untagged, failAt, kind);
        await bench.run(request, {}, broken.ports).catch(() => undefined);
        const between = await bench.ports.audioFiles.find('default', 'story.mp3');
        const { size } = await bench.ports.audioFiles.findChapters('default', ['story.mp3']);
        expect(size).toBe(between?.requestId === request.requestId ? 0 : 1);
        if (between?.requestId !== request.requestId) expect(between).toEqual(old);
        else expect(between).toMatchObject({ state: 'ready', title: 'New' });
        await bench.run(request, {}, untagged);
        expect(await bench.ports.audioFiles.find('default', 'story.mp3')).toMatchObject({ title: 'New' });
        const retired = (await bench.ports.retired.listDue(Infinity, 100)).map(({ key }) => key);
        expect(retired).toEqual(expect.arrayContaining([old?.originalKey, old?.coverKey]));
        expect(await bench.leftovers()).toEqual([]);
        if (broken.callCount() < failAt) break;
      }
    },
  );
});

/** By which every phase takes a minute. */
function slowClock(): () => number {
  let nowMs = Date.now();
  return () => (nowMs += 60_000);
}

/** Answers as ffmpeg does for this one sound, without running it each time. */
async function recordMediaTool(wav: Uint8Array): Promise<{ tool: MediaTool; mp3: Uint8Array }> {
  const bench = await openIngestBench();
  const { mediaTool } = bench.ports;
  const [source, target] = [join(bench.tempDir, 'in.wav'), join(bench.tempDir, 'out.mp3')];
  await writeFile(source, wav);
  await mediaTool.encode(source, target, { profile: DEFAULT_PROFILE, gainDb: 0, limit: false });
  const [info, loudness, mp3] = [
    await mediaTool.probe(source),
    await mediaTool.measureLoudness(source),
    await readFile(target),
  ];
  await bench.close();
  const tool: MediaTool = {
    describe: () => mediaTool.describe(),
    probe: async () => info,
    measureLoudness: async () => loudness,
    idleCores: () => 2,
    encode: async (_input, output) => {
      await writeFile(output, mp3);
      return null;
    },
  };
  return { tool, mp3 };
}
