/** Many listeners of one endless stream, against Icecast with as many: `paced-listeners.ts [--quick]`. */
import { setTimeout } from 'node:timers/promises';
import { runBench, type BenchRun } from './harness/bench.ts';
import { collectGarbage, INSPECTABLE } from './harness/collect-garbage.ts';
import { feedIcecast } from './harness/icecast-source.ts';
import { withListeners, type ListenersResult } from './harness/listeners.ts';
import { addMusic, AUDIO_BYTES_PER_SECOND } from './harness/music.ts';
import { startIcecast } from './harness/peers.ts';
import { CAN_TELL_USAGE, NO_USAGE, readTreeUsage } from './harness/process-usage.ts';
import { openProgram, putQueue, startBenchProgram } from './harness/program.ts';
import { atMost, type Measure } from './harness/report.ts';
import { interleave, median, medianRatio } from './harness/rounds.ts';

const MOUNT = '/live.mp3';
const STREAM = '/api/streams/s/stream.mp3?play_mode=loop';

interface Scale {
  readonly listeners: number;
  readonly rounds: number;
  readonly fileSeconds: number;
  /** After the last has come, until all have had their burst. */
  readonly settleMs: number;
  readonly measureMs: number;
}

const FULL: Scale = { listeners: 500, rounds: 3, fileSeconds: 360, settleMs: 12_000, measureMs: 20_000 };
const QUICK: Scale = { listeners: 50, rounds: 1, fileSeconds: 40, settleMs: 500, measureMs: 1500 };

interface Measured extends ListenersResult {
  readonly processorMs: number;
  readonly memoryBytes: number;
}

interface Subject {
  readonly url: string;
  readonly pid: number;
  readonly path: (listener: number) => string;
  /** Before its memory is read. */
  readonly settle: () => Promise<void>;
  /** What it had before anybody listened. */
  readonly idleBytes: number;
}

await runBench('Paced listeners', async (run) => {
  const scale = run.quick ? QUICK : FULL;
  if (!CAN_TELL_USAGE) run.note(NO_USAGE);
  const maker = await openProgram();
  run.onEnd(() => maker.close());
  const files = await addMusic(maker, 3, scale.fileSeconds);
  await putQueue(maker, 's', files);
  // One that has done nothing else, whose memory is that of listening.
  await maker.stop();
  const program = await startBenchProgram(maker.dataDir, INSPECTABLE);
  run.onEnd(() => program.stop().then(() => undefined));
  const seconds = files.length * scale.fileSeconds;
  // The cache of pieces is shared and bounded, and so no listener's.
  for (const file of files) await (await fetch(`${program.url}/api/audio/${file}`)).arrayBuffer();
  await collectGarbage(program);
  const idleBytes = await readMemory(program.pid);
  const ofOurs = (path: Subject['path']): Subject => ({
    url: program.url,
    pid: program.pid,
    path,
    settle: () => collectGarbage(program),
    idleBytes,
  });
  const apart = ofOurs((listener) => `${STREAM}&from=${((listener * seconds) / scale.listeners).toFixed(2)}`);
  const inStep = ofOurs(() => `${STREAM}&live=1`);
  const icecast = await openIcecast(run, scale, program.url, files[0] ?? '');

  // Until the heap has its size, the pieces are in the cache, and the code is compiled.
  for (const subject of [apart, inStep]) await measure(subject, { ...scale, settleMs: 500, measureMs: 500 });

  const contenders: Record<string, () => Promise<Measured>> = {
    apart: () => measure(apart, scale),
    inStep: () => measure(inStep, scale),
  };
  if (icecast !== null) contenders['icecast'] = () => measure(icecast, scale);
  const {
    apart: places = [],
    inStep: steps = [],
    icecast: peers,
  } = await interleave(scale.rounds, contenders);
  return [
    ...describe('each at a place of its own', scale, places, peers),
    ...describe('all in step', scale, steps, peers),
  ];
});

async function openIcecast(run: BenchRun, scale: Scale, url: string, file: string): Promise<Subject | null> {
  const icecast = await startIcecast(scale.listeners);
  if (icecast === null) {
    run.note('Icecast is not installed: ours is measured alone, and the ratio to Icecast is not');
    return null;
  }
  run.onEnd(() => icecast.stop());
  const mp3 = new Uint8Array(await (await fetch(`${url}/api/audio/${file}`)).arrayBuffer());
  const source = await feedIcecast(icecast.url, MOUNT, mp3, AUDIO_BYTES_PER_SECOND);
  run.onEnd(async () => source.stop());
  await setTimeout(1000);
  const { url: ownUrl, pid } = icecast;
  return {
    url: ownUrl,
    pid,
    path: () => MOUNT,
    settle: async () => undefined,
    idleBytes: await readMemory(pid),
  };
}

async function readUsage(pid: number): Promise<{ processorMs: number; memoryBytes: number }> {
  return CAN_TELL_USAGE ? readTreeUsage(pid) : { processorMs: NaN, memoryBytes: NaN };
}

async function readMemory(pid: number): Promise<number> {
  return (await readUsage(pid)).memoryBytes;
}

async function measure({ url, pid, path, settle, idleBytes }: Subject, scale: Scale): Promise<Measured> {
  const { heard, result } = await withListeners(
    {
      url,
      paths: Array.from({ length: scale.listeners }, (_, listener) => path(listener)),
      connectMs: 1000,
      bytesPerSecond: AUDIO_BYTES_PER_SECOND,
    },
    async () => {
      await setTimeout(scale.settleMs);
      const before = await readUsage(pid);
      const startedAtMs = performance.now();
      await setTimeout(scale.measureMs);
      const after = await readUsage(pid);
      const seconds = (performance.now() - startedAtMs) / 1000;
      await settle();
      const settled = await readUsage(pid);
      return {
        processorMs: (after.processorMs - before.processorMs) / scale.listeners / seconds,
        memoryBytes: (settled.memoryBytes - idleBytes) / scale.listeners,
      };
    },
  );
  await setTimeout(500);
  return { ...heard, ...result };
}

function describe(
  name: string,
  { listeners }: Scale,
  ours: readonly Measured[],
  peers: readonly Measured[] | undefined,
): Measure[] {
  const of = (results: readonly Measured[], field: keyof Measured) => results.map((result) => result[field]);
  const worst = Math.max(...of(ours, 'starvedSeconds'));
  const show = (
    results: readonly Measured[] | undefined,
    field: keyof Measured,
    text: (value: number) => string,
  ) => (results === undefined ? 'not installed' : text(median(of(results, field))));
  const microseconds = (value: number) => `${(value * 1000).toFixed(0)} µs`;
  const kilobytes = (value: number) => `${(value / 1000).toFixed(0)} KB`;
  const milliseconds = (value: number) => `${value.toFixed(0)} ms`;
  return [
    {
      name: `${listeners} listeners, ${name}: processor time per listener and second`,
      ours: show(ours, 'processorMs', microseconds),
      peer: show(peers, 'processorMs', microseconds),
      ...(peers !== undefined &&
        CAN_TELL_USAGE && { value: medianRatio(of(ours, 'processorMs'), of(peers, 'processorMs')) }),
      target: atMost(0.7),
    },
    {
      name: `${name}: memory per listener`,
      ours: show(ours, 'memoryBytes', kilobytes),
      peer: show(peers, 'memoryBytes', kilobytes),
      ...(CAN_TELL_USAGE && { value: median(of(ours, 'memoryBytes')) / 1000 }),
      target: atMost(80, 'KB'),
    },
    {
      name: `${name}: first byte, median`,
      ours: show(ours, 'firstByteMs', milliseconds),
      peer: show(peers, 'firstByteMs', milliseconds),
      value: median(of(ours, 'firstByteMs')),
      target: atMost(50, 'ms'),
    },
    {
      name: `${name}: seconds in which a listener starved, all rounds`,
      ours: `${worst} (at least ${(Math.min(...of(ours, 'leastAheadMs')) / 1000).toFixed(1)} s ahead)`,
      peer: peers === undefined ? '' : String(Math.max(...of(peers, 'starvedSeconds'))),
      value: worst,
      target: atMost(0, 's'),
    },
  ];
}
