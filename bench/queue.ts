/** Requests that do nothing, from enqueued to completed, against BullMQ on Redis: `queue.ts [--quick]`. */
import { Queue, Worker as BullWorker } from 'bullmq';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../src/adapters/sqlite/database.ts';
import { openSqliteRequestQueue } from '../src/adapters/sqlite/sqlite-request-queue.ts';
import { startWorker } from '../src/services/worker.ts';
import { createMemoryPorts } from '../test/memory-ports.ts';
import { registryOf } from '../test/test-actions.ts';
import { runBench, type BenchRun } from './harness/bench.ts';
import { startRedis, type Redis } from './harness/redis.ts';
import { atLeast, type Measure } from './harness/report.ts';
import { interleave, median, medianRatio } from './harness/rounds.ts';

interface Scale {
  readonly requests: number;
  readonly rounds: number;
}

const FULL: Scale = { requests: 10_000, rounds: 5 };
const QUICK: Scale = { requests: 500, rounds: 1 };
/** Requests that are being enqueued at once, and those that are worked on at once. */
const AT_ONCE = 100;

/** Asks for all of them, so many at once, and waits until the last one is completed. @returns requests per second */
async function timeAll(
  count: number,
  enqueue: (number: number) => Promise<unknown>,
  completed: Promise<void>,
): Promise<number> {
  const startedAtMs = performance.now();
  let next = 0;
  const asker = async () => {
    while (next < count) await enqueue(next++);
  };
  await Promise.all([...Array.from({ length: AT_ONCE }, asker), completed]);
  return count / ((performance.now() - startedAtMs) / 1000);
}

/** @param synchronous as SQLite's pragma has it: FULL is how the program opens its database */
async function timeOurs({ requests }: Scale, synchronous: 'FULL' | 'NORMAL'): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'earshot-queue-'));
  const db = openDatabase(join(directory, 'earshot.db'));
  db.prepare(`PRAGMA synchronous = ${synchronous}`).run();
  let wake = () => {};
  const ports = createMemoryPorts({
    queue: openSqliteRequestQueue(db, { clock: Date.now, newId: () => crypto.randomUUID() }),
    wakeWorkers: () => wake(),
  });
  const worker = startWorker(ports, {
    actions: registryOf({ noop: async () => null }),
    concurrency: AT_ONCE,
    leaseMs: 10_000,
  });
  wake = () => worker.wake();
  try {
    let done = 0;
    const completed = new Promise<void>((resolve) => {
      ports.hub.onChange(({ status }) => {
        if (status === 'COMPLETED' && (done += 1) === requests) resolve();
      });
    });
    const enqueue = async (number: number) => {
      await ports.queue.enqueue({
        requestId: `r${number}`,
        action: 'noop',
        payload: { number },
        userId: 'anna',
        tenantId: 'default',
        maxRetries: 3,
      });
      ports.wakeWorkers();
    };
    const rate = await timeAll(requests, enqueue, completed);
    const { length } = (await ports.queue.list({ status: 'COMPLETED' }, { limit: 1000 })).items;
    if (length !== Math.min(requests, 1000)) throw new Error('Not all requests are completed.');
    return rate;
  } finally {
    await worker.stop(1000);
    db.close();
    await rm(directory, { recursive: true });
  }
}

async function timeBullMq({ requests }: Scale, { path }: Redis, round: number): Promise<number> {
  const connection = { path, maxRetriesPerRequest: null };
  const name = `bench-${round}-${requests}`;
  const queue = new Queue(name, { connection });
  const worker = new BullWorker(name, async () => null, { connection, concurrency: AT_ONCE });
  worker.on('error', (error) => console.error(error));
  try {
    await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
    let done = 0;
    const completed = new Promise<void>((resolve) => {
      worker.on('completed', () => {
        if ((done += 1) === requests) resolve();
      });
    });
    const options = { attempts: 4, backoff: { type: 'exponential', delay: 2000 } };
    return await timeAll(requests, (number) => queue.add('noop', { number }, options), completed);
  } finally {
    await worker.close();
    await queue.obliterate({ force: true });
    await queue.close();
  }
}

async function openRedis(run: BenchRun, isDurable: boolean): Promise<Redis | null> {
  const redis = await startRedis(isDurable);
  if (redis !== null) run.onEnd(() => redis.stop());
  return redis;
}

await runBench('The queue of requests', async (run) => {
  const scale = run.quick ? QUICK : FULL;
  const usual = await openRedis(run, false);
  const durable = await openRedis(run, true);
  if (usual === null || durable === null) {
    run.note('Redis is not installed: ours is measured alone, and no ratio to BullMQ');
  }
  run.note(
    `${scale.requests} requests that do nothing, ${AT_ONCE} enqueued and ${AT_ONCE} worked on at once`,
  );
  let round = 0;
  const contenders: Record<string, () => Promise<number>> = {
    full: () => timeOurs(scale, 'FULL'),
    normal: () => timeOurs(scale, 'NORMAL'),
  };
  if (usual !== null) contenders['usual'] = () => timeBullMq(scale, usual, (round += 1));
  if (durable !== null) contenders['durable'] = () => timeBullMq(scale, durable, (round += 1));
  for (const warmUp of Object.values(contenders)) await warmUp();
  const results = await interleave(scale.rounds, contenders);
  const { full = [], normal = [] } = results;
  const perSecond = (rates: readonly number[] | undefined) =>
    rates === undefined ? '' : `${Math.round(median(rates)).toLocaleString('en')}/s`;
  const row = (
    name: string,
    ours: readonly number[],
    peers: readonly number[] | undefined,
    isTarget: boolean,
  ): Measure => ({
    name,
    ours: perSecond(ours),
    ...(peers !== undefined && { peer: perSecond(peers), value: medianRatio(ours, peers) }),
    ...(isTarget && { target: atLeast(1) }),
  });
  return [
    row(
      'both with their usual durability: ours on disk at each commit, Redis now and then',
      full,
      results['usual'],
      false,
    ),
    row('both durable: on disk before anything is answered', full, results['durable'], true),
    row('both not: ours may lose the last commits with the power', normal, results['usual'], false),
  ];
});
