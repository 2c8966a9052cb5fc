/**
 * Hot audio, whole streams and ranges, against nginx with sendfile serving the same bytes; beside it bare Node, and Node's
 * sockets, which show what the runtime can do on this kernel: `hot-audio.ts [--quick]`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBench, type BenchRun } from './harness/bench.ts';
import { hashAnswer, runBulk, type BulkLoad, type BulkResult } from './harness/load.ts';
import { addMusic, AUDIO_BYTES_PER_SECOND } from './harness/music.ts';
import { startFileServer, startMemoryNode, startSocketNode } from './harness/peers.ts';
import { openProgram, putQueue } from './harness/program.ts';
import { atLeast, type Measure } from './harness/report.ts';
import { interleave, median, medianRatio } from './harness/rounds.ts';

const CONNECTIONS = 16;
const RANGE_BYTES = 256 * 1024;
const FILE_BYTES = 5_800_000;
const FILES = 10;
const TARGET = 1.3;

interface Place {
  readonly url: string;
  readonly path: string;
}

/** The same bytes of ours and of the peer. */
interface Subject {
  readonly name: string;
  readonly totalBytes: number;
  readonly ours: Place;
  readonly peer: Place;
  readonly bare: Place;
  readonly sockets: Place;
}

await runBench('Hot audio', async (run) => {
  const directory = await mkdtemp(join(tmpdir(), 'earshot-bench-'));
  run.onEnd(() => rm(directory, { recursive: true, force: true }));
  // All of it is hot on both sides: ours in its cache of pieces, the peer's in the page cache.
  const program = await openProgram({ CACHE_MB: '128', LOG_LEVEL: 'info' });
  run.onEnd(() => program.close());
  const peer = await startFileServer(directory, run.note);
  run.onEnd(() => peer.stop());
  const bare = await startMemoryNode(directory);
  run.onEnd(() => bare.stop());
  const sockets = await startSocketNode(directory);
  run.onEnd(() => sockets.stop());

  const names = await addMusic(
    program,
    run.quick ? 2 : FILES,
    ((run.quick ? 0.1 : 1) * FILE_BYTES) / AUDIO_BYTES_PER_SECOND,
  );
  const subjects: Subject[] = [];
  for (const [stream, files] of [
    ['one', names.slice(0, 1)],
    ['all', names],
  ] as const) {
    await putQueue(program, stream, files);
    const ours = { url: program.url, path: `/api/streams/${stream}/stream.mp3` };
    const body = await (await fetch(ours.url + ours.path)).arrayBuffer();
    await writeFile(join(directory, `${stream}.mp3`), new Uint8Array(body));
    const name = `${(body.byteLength / 1e6).toFixed(1)} MB`;
    subjects.push({
      name,
      totalBytes: body.byteLength,
      ours,
      peer: { url: peer.url, path: `/${stream}.mp3` },
      bare: { url: bare.url, path: `/${stream}.mp3` },
      sockets: { url: sockets.url, path: `/${stream}.mp3` },
    });
  }
  for (const subject of subjects) await compareBytes(subject);
  const measures: Measure[] = [];
  for (const subject of subjects) {
    measures.push(...(await measureLoad(run, subject, undefined)));
    measures.push(...(await measureLoad(run, subject, RANGE_BYTES)));
  }
  for (const subject of subjects) await compareBytes(subject);
  run.note(`the peer is ${peer.name}`);
  return measures;
});

/** @throws when ours gives other bytes than the others, whole or in ranges */
async function compareBytes({ totalBytes, ours, peer, bare, sockets }: Subject): Promise<void> {
  const starts = Array.from({ length: 8 }, (_, place) => Math.floor((totalBytes * place) / 9));
  for (const range of [undefined, ...starts.map((start) => `bytes=${start}-${start + RANGE_BYTES - 1}`)]) {
    const hash = await hashAnswer(ours.url + ours.path, range);
    for (const { url, path } of [peer, bare, sockets]) {
      if ((await hashAnswer(url + path, range)) === hash) continue;
      throw new Error(`${ours.path} and ${url} give other bytes for ${range ?? 'all of it'}.`);
    }
  }
}

async function measureLoad(
  run: BenchRun,
  subject: Subject,
  rangeBytes: number | undefined,
): Promise<Measure[]> {
  const { name, totalBytes } = subject;
  const load = ({ url, path }: Place): BulkLoad => ({
    url,
    paths: [path],
    connections: CONNECTIONS,
    durationMs: run.quick ? 500 : 3000,
    totalBytes,
    ...(rangeBytes !== undefined && { rangeBytes: Math.min(rangeBytes, totalBytes) }),
  });
  const results = await interleave(run.quick ? 1 : 7, {
    ours: () => runBulk(load(subject.ours)),
    peer: () => runBulk(load(subject.peer)),
    bare: () => runBulk(load(subject.bare)),
    sockets: () => runBulk(load(subject.sockets)),
  });
  const ours = results.ours.map(bytesPerSecond);
  const peer = results.peer.map(bytesPerSecond);
  const all = Object.values(results).flat();
  const busiest = Math.max(...all.map(({ ms, processorMs }) => processorMs / ms));
  const what = rangeBytes === undefined ? 'whole' : `ranges of ${rangeBytes / 1024} KiB`;
  run.note(`${name}, ${what}: the client used up to ${Math.round(busiest * 100)} % of a core`);
  const measure = { name: `${name}, ${what}, ${CONNECTIONS} connections`, ours: describe(results.ours) };
  return [
    {
      ...measure,
      peer: describe(results.peer),
      value: medianRatio(ours, peer),
      target: atLeast(TARGET),
    },
    {
      name: '… against bare Node that writes one buffer',
      ours: measure.ours,
      peer: describe(results.bare),
      value: medianRatio(ours, results.bare.map(bytesPerSecond)),
    },
    {
      name: "… Node's sockets against the peer",
      ours: describe(results.sockets),
      peer: describe(results.peer),
      value: medianRatio(results.sockets.map(bytesPerSecond), peer),
    },
  ];
}

function bytesPerSecond({ bytes, ms }: BulkResult): number {
  return (bytes / ms) * 1000;
}

function describe(results: readonly BulkResult[]): string {
  const rate = median(results.map(bytesPerSecond)) / 1e9;
  const answers = median(results.map(({ answers, ms }) => (answers / ms) * 1000));
  return `${rate.toFixed(2)} GB/s, ${answers.toFixed(0)}/s`;
}
