/** Cold audio, read from disk, against a plain Node server of the same files: `cold-audio.ts [--quick]`. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBench, type BenchRun } from './harness/bench.ts';
import { hashAnswer, runBulk, type BulkResult } from './harness/load.ts';
import { addMusic, AUDIO_BYTES_PER_SECOND } from './harness/music.ts';
import { forgetFiles } from './harness/page-cache.ts';
import { startPlainNode } from './harness/peers.ts';
import { openProgram, putQueue } from './harness/program.ts';
import { atLeast, type Measure } from './harness/report.ts';
import { interleave, median, medianRatio } from './harness/rounds.ts';

const FILE_BYTES = 5_800_000;
const FILES = 40;
const CACHE_MB = 16;
const CONNECTIONS = 16;
const TARGET = 0.8;
const STREAM = '/api/streams/all/stream.mp3';

/** The same audio of ours and of the peer, each path asked for once. */
interface Subject {
  readonly name: string;
  readonly connections: number;
  readonly totalBytes: number;
  readonly ours: readonly string[];
  readonly peer: readonly string[];
}

await runBench('Cold audio', async (run) => {
  const directory = await mkdtemp(join(tmpdir(), 'earshot-bench-'));
  run.onEnd(() => rm(directory, { recursive: true, force: true }));
  const program = await openProgram({ CACHE_MB: String(CACHE_MB) });
  run.onEnd(() => program.close());
  const peer = await startPlainNode(directory);
  run.onEnd(() => peer.stop());

  const count = run.quick ? 3 : FILES;
  const names = await addMusic(program, count, ((run.quick ? 0.1 : 1) * FILE_BYTES) / AUDIO_BYTES_PER_SECOND);
  await putQueue(program, 'all', names);
  const copy = async (path: string, name: string): Promise<number> => {
    const body = new Uint8Array(await (await fetch(program.url + path)).arrayBuffer());
    await writeFile(join(directory, name), body);
    return body.length;
  };
  let fileBytes = 0;
  for (const name of names) fileBytes = await copy(`/api/audio/${name}`, name);
  const streamBytes = await copy(STREAM, 'all.mp3');
  const subjects: Subject[] = [
    {
      name: `${count} files of ${megabytes(fileBytes)}, ${CONNECTIONS} connections`,
      connections: CONNECTIONS,
      totalBytes: fileBytes,
      ours: names.map((name) => `/api/audio/${name}`),
      peer: names.map((name) => `/${name}`),
    },
    {
      name: `one stream of ${count} files, ${megabytes(streamBytes)}, 1 connection`,
      connections: 1,
      totalBytes: streamBytes,
      ours: [STREAM],
      peer: ['/all.mp3'],
    },
  ];
  const urls = { ours: program.url, peer: peer.url };
  const files = [...(await filesIn(program.dataDir)), ...(await filesIn(directory))];
  if (!(await forgetFiles(files))) {
    run.note(
      'GNU dd is missing, which lets the page cache forget files: the disk itself may not be measured',
    );
  }
  const measures: Measure[] = [];
  for (const subject of subjects) {
    measures.push(await measureReads(run, subject, urls, files));
    await compareBytes(subject, urls);
  }
  run.note('the peer is createReadStream(…).pipe(response)');
  return measures;
});

async function measureReads(
  run: BenchRun,
  { name, connections, totalBytes, ...paths }: Subject,
  urls: Readonly<Record<'ours' | 'peer', string>>,
  files: readonly string[],
): Promise<Measure> {
  const read = async (whose: 'ours' | 'peer') => {
    await forgetFiles(files);
    return runBulk({
      url: urls[whose],
      paths: paths[whose],
      connections,
      totalBytes,
      durationMs: Infinity,
      once: true,
    });
  };
  const results = await interleave(run.quick ? 1 : 5, { ours: () => read('ours'), peer: () => read('peer') });
  return {
    name,
    ours: describe(results.ours),
    peer: describe(results.peer),
    value: medianRatio(results.ours.map(bytesPerMs), results.peer.map(bytesPerMs)),
    target: atLeast(TARGET),
  };
}

/** @throws when ours gives other bytes than the peer */
async function compareBytes(
  { ours, peer }: Subject,
  urls: Readonly<Record<'ours' | 'peer', string>>,
): Promise<void> {
  for (const [place, path] of ours.entries()) {
    const [one, other] = [
      await hashAnswer(urls.ours + path),
      await hashAnswer(`${urls.peer}${peer[place] ?? ''}`),
    ];
    if (one !== other) throw new Error(`${path} gives other bytes than its copy.`);
  }
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.mp3'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function bytesPerMs({ bytes, ms }: BulkResult): number {
  return bytes / ms;
}

function describe(results: readonly BulkResult[]): string {
  return `${(median(results.map(bytesPerMs)) / 1000).toFixed(0)} MB/s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
