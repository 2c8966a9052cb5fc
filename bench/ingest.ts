/**
 * What it costs to take audio in, against one bare encode of the same file: `ingest.ts [--quick]`. Ours is the action
 * `ingest` on the embedded home, in this process. Processor time is that of this process and all that it has started,
 * as the kernel counts it: user and system, of children that have ended too.
 */
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../src/entry/config.ts';
import { openEmbeddedHome } from '../src/entry/embedded.ts';
import { createLogger } from '../src/entry/logger.ts';
import { uploadKey } from '../src/domain/object-key.ts';
import type { AsyncRequest } from '../src/domain/request.ts';
import { ingest } from '../src/services/actions/ingest.ts';
import type { Ports } from '../src/services/ports.ts';
import { receiveUpload } from '../src/services/receive-upload.ts';
import { players } from '../test/e2e/players.ts';
import { runBench, type BenchRun } from './harness/bench.ts';
import { makeIngestSources, retitle, type IngestSource } from './harness/ingest-sources.ts';
import { CAN_TELL_USAGE, NO_USAGE, readTreeUsage } from './harness/process-usage.ts';
import { atLeast, atMost, type Measure } from './harness/report.ts';
import { interleave, median, medianRatio } from './harness/rounds.ts';

const execute = promisify(execFile);

const AT_ONCE = 4;

interface Cost {
  readonly wallMs: number;
  readonly processorMs: number;
}

interface Bench {
  readonly run: BenchRun;
  readonly ffmpeg: string;
  readonly directory: string;
  readonly ports: Ports;
}

await runBench('Ingest', async (run) => {
  const { ffmpeg } = players;
  if (ffmpeg === null) {
    run.note('ffmpeg is not on the PATH: there is nothing to compare with');
    return [];
  }
  if (!CAN_TELL_USAGE) {
    run.note(NO_USAGE);
    return [];
  }
  const directory = await mkdtemp(join(tmpdir(), 'earshot-bench-'));
  run.onEnd(() => rm(directory, { recursive: true, force: true }));
  const config = readConfig({ DATA_DIR: directory, FFMPEG_PATH: ffmpeg }, directory);
  const home = await openEmbeddedHome(config, createLogger('silent', false));
  run.onEnd(() => home.close());
  const bench = { run, ffmpeg, directory, ports: home.ports };
  const seconds = run.quick ? 40 : 600;
  const sources = await makeIngestSources(ffmpeg, directory, seconds);
  run.note(`each source lasts ${seconds} s; the peer is one ffmpeg -c:a libmp3lame -b:a 128k`);
  const { speech, book, music, spiky, fitting, reservoir } = sources;
  return [
    ...(await compareEncodes(bench, speech, 1)),
    ...(await compareEncodes(bench, book, 1)),
    ...(await compareEncodes(bench, music, 1)),
    ...(await compareEncodes(bench, spiky, 1)),
    ...(await compareCopies(bench, fitting)),
    ...(await compareCopies(bench, reservoir)),
    ...(await compareEncodes(bench, speech, AT_ONCE)),
  ];
});

/** What must be encoded takes little more than the encode. */
async function compareEncodes(bench: Bench, source: IngestSource, atOnce: number): Promise<Measure[]> {
  const { ours, peer } = await measureBoth(bench, source, atOnce);
  const name = atOnce === 1 ? source.name : `${atOnce} at once: ${source.name}`;
  const ratio = (unit: keyof Cost) => medianRatio(valuesOf(ours, unit), valuesOf(peer, unit));
  return [
    {
      name: `${name}: time`,
      ours: inSeconds(ours, 'wallMs'),
      peer: inSeconds(peer, 'wallMs'),
      value: ratio('wallMs'),
      target: atMost(1.2),
    },
    {
      name: `${name}: processor`,
      ours: inSeconds(ours, 'processorMs'),
      peer: inSeconds(peer, 'processorMs'),
      value: ratio('processorMs'),
      target: atMost(1.5),
    },
  ];
}

/** What fits is taken in many times faster than it could be encoded. */
async function compareCopies(bench: Bench, source: IngestSource): Promise<Measure[]> {
  const { ours, peer } = await measureBoth(bench, source, 1);
  return [
    {
      name: `${source.name}: speed`,
      ours: inSeconds(ours, 'wallMs'),
      peer: inSeconds(peer, 'wallMs'),
      value: medianRatio(valuesOf(peer, 'wallMs'), valuesOf(ours, 'wallMs')),
      target: atLeast(10),
    },
  ];
}

async function measureBoth(bench: Bench, source: IngestSource, atOnce: number) {
  const { run, ffmpeg, directory } = bench;
  let round = 0;
  const output = (number: number) => join(directory, `bare-${number}.mp3`);
  return interleave(run.quick ? 1 : 5, {
    ours: async () => {
      round += 1;
      const requests: AsyncRequest[] = [];
      for (let number = 0; number < atOnce; number += 1) {
        requests.push(await prepare(bench, source, `${source.name} ${atOnce} ${round} ${number}`));
      }
      return costOf(() => Promise.all(requests.map((request) => takeIn(bench.ports, request))));
    },
    peer: () =>
      costOf(() =>
        Promise.all(
          Array.from({ length: atOnce }, (_, number) =>
            execute(ffmpeg, [
              ...['-nostdin', '-v', 'error', '-y', '-i', source.path],
              ...['-c:a', 'libmp3lame', '-b:a', '128k', '-ar', '44100', '-ac', '2', output(number)],
            ]),
          ),
        ),
      ),
  });
}

/** All that an upload does before its request is claimed. */
async function prepare(
  { ffmpeg, directory, ports }: Bench,
  source: IngestSource,
  title: string,
): Promise<AsyncRequest> {
  const path = join(directory, `upload${source.extension}`);
  await retitle(ffmpeg, source, title, path);
  const upload = await receiveUpload(ports, createReadStream(path));
  const requestId = ports.newId();
  await ports.objects.takeFile(uploadKey(requestId), upload.path);
  const payload = {
    upload_key: uploadKey(requestId),
    filename: `${requestId}.mp3`,
    original_filename: `upload${source.extension}`,
    original_sha256: upload.sha256,
    original_size: upload.sizeBytes,
  };
  const owner = { userId: 'bench', tenantId: 'default' };
  return ports.queue.enqueue({ requestId, action: 'ingest', payload, maxRetries: 0, ...owner });
}

/** @throws when the file is not ready afterwards */
async function takeIn(ports: Ports, request: AsyncRequest): Promise<void> {
  const { signal } = new AbortController();
  await ingest(ports, request, { signal, isLastAttempt: true, log: ports.log, report: () => undefined });
  const file = await ports.audioFiles.find('default', `${request.requestId}.mp3`);
  if (file?.state !== 'ready') throw new Error('The file is not ready.');
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const before = await readTreeUsage(process.pid);
  const startedAt = performance.now();
  await work();
  const wallMs = performance.now() - startedAt;
  const after = await readTreeUsage(process.pid);
  return { wallMs, processorMs: after.processorMs - before.processorMs };
}

function valuesOf(costs: readonly Cost[], unit: keyof Cost): number[] {
  return costs.map((cost) => cost[unit]);
}

function inSeconds(costs: readonly Cost[], unit: keyof Cost): string {
  return `${(median(valuesOf(costs, unit)) / 1000).toFixed(2)} s`;
}
