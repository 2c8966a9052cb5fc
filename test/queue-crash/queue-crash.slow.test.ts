import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { isFinal, type AsyncRequest } from '../../src/domain/request.ts';
import { LOCAL_CALLER } from '../../src/services/authenticate.ts';
import { startLooks } from '../../src/services/look-at-watched.ts';
import type { Ports } from '../../src/services/ports.ts';
import { watchRequest } from '../../src/services/watch-request.ts';
import { createMemoryPorts } from '../memory-ports.ts';
import { dynamoDbKind, makeRequestTable } from '../servers/dynamodb-client.ts';
import { openPlace, type OpenedQueue, type QueuePlace } from './crash-queue.ts';
import { findOverlaps, readRunLog } from './run-log.ts';

const REQUESTS = 500;
const WATCHED = 100;
const WORKERS = 3;
const LIMIT_MS = 240_000;

const random = (from: number, to: number): number => from + Math.random() * (to - from);
const actionOf = (number: number): string =>
  number % 10 === 3 ? 'broken' : number % 5 === 1 ? 'flaky' : 'work';

interface Place {
  readonly place: QueuePlace;
  close(): Promise<void>;
}

async function makeSqlitePlace(directory: string): Promise<Place> {
  return { place: { kind: 'sqlite', path: join(directory, 'earshot.db') }, close: async () => undefined };
}

async function makeDynamoPlace(): Promise<Place> {
  const { table, close } = await makeRequestTable();
  return {
    place: { kind: 'dynamodb', endpoint: inject('dynamodb').endpoint, table: table.name },
    close,
  };
}

describe.each([
  { home: 'SQLite', makePlace: makeSqlitePlace },
  { home: `DynamoDB (${dynamoDbKind})`, makePlace: makeDynamoPlace },
])('500 requests on $home while workers are killed', { timeout: LIMIT_MS + 60_000 }, ({ makePlace }) => {
  let directory: string;
  let place: Place;
  let opened: OpenedQueue;
  let ports: Ports;
  let logFile: string;
  const children = new Set<ChildProcess>();
  const goneMs = new Map<number, number>();

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'earshot-crash-'));
    logFile = join(directory, 'runs.log');
    await writeFile(logFile, '');
    place = await makePlace(directory);
    opened = openPlace(place.place);
    ports = createMemoryPorts({ queue: opened.queue });
  });
  afterEach(async () => {
    await Promise.all([...children].map(kill));
    opened.close();
    await place.close();
    await rm(directory, { recursive: true });
  });

  function startOne(): void {
    const script = join(import.meta.dirname, 'crash-worker.ts');
    const child = spawn(process.execPath, [script, JSON.stringify(place.place), logFile], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    children.add(child);
  }

  async function kill(child: ChildProcess): Promise<void> {
    children.delete(child);
    if (child.exitCode !== null) throw new Error(`A worker ended by itself with ${child.exitCode}.`);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    goneMs.set(child.pid ?? 0, Date.now());
  }

  /** Subscribes, is cut off, comes back with `since`. @returns what it was told, until the final state */
  async function subscribe(requestId: string): Promise<AsyncRequest[]> {
    const told: AsyncRequest[] = [];
    const connectionId = randomUUID();
    while (!told.some(({ status }) => isFinal(status))) {
      const since = told.at(-1)?.seq ?? 0;
      const watch = await watchRequest(ports, LOCAL_CALLER, requestId, {
        connectionId,
        since,
        onState: (request) => told.push(request),
      });
      await setTimeout(random(50, 2000));
      await watch.end();
      await setTimeout(random(0, 300));
    }
    return told;
  }

  it('each ends once, none is run by two at once, and whoever comes back hears how it ended', async () => {
    const looks = startLooks(ports, { intervalMs: 200 });
    for (let count = 0; count < WORKERS; count += 1) startOne();

    const ids: string[] = [];
    const cancelled = new Set<string>();
    const subscribers: Promise<AsyncRequest[]>[] = [];
    for (let number = 0; number < REQUESTS; number += 1) {
      const requestId = `r${number}`;
      await ports.queue.enqueue({
        requestId,
        action: actionOf(number),
        payload: { number },
        userId: LOCAL_CALLER.userId,
        tenantId: LOCAL_CALLER.tenantId,
        maxRetries: 5,
      });
      ids.push(requestId);
      if (number % (REQUESTS / WATCHED) === 0) subscribers.push(subscribe(requestId));
    }

    let kills = 0;
    const deadlineMs = Date.now() + LIMIT_MS;
    for (;;) {
      await setTimeout(random(150, 800));
      const states = await findAll(ids);
      expect(states).toHaveLength(REQUESTS);
      const open = states.filter(({ status }) => !isFinal(status));
      if (open.length === 0) break;
      if (Date.now() > deadlineMs) throw new Error(`${open.length} requests have not ended.`);
      const victim = open[Math.floor(random(0, open.length))];
      if (victim !== undefined && cancelled.size < REQUESTS / 25) {
        const state = await ports.queue.cancel(victim.requestId).catch(() => null);
        if (state !== null) cancelled.add(victim.requestId);
      }
      const worker = [...children][Math.floor(random(0, children.size))];
      if (worker !== undefined) {
        await kill(worker);
        kills += 1;
        startOne();
      }
    }
    const told = await Promise.all(subscribers);
    await looks.stop();
    for (const child of [...children]) await kill(child);

    const states = await findAll(ids);
    const { runs, finals } = readRunLog(logFile, goneMs);
    for (const { requestId, action, status, error, attempt } of states) {
      const mayBe = cancelled.has(requestId)
        ? ['CANCELLED']
        : // Killed as often as it may be begun: then it is given up.
          error?.code === 'internal'
          ? ['FAILED']
          : [action === 'broken' ? 'FAILED' : 'COMPLETED'];
      expect(mayBe, `${requestId} ${action} after ${attempt} attempts`).toContain(status);
      // A kill right after the write leaves none said, never two.
      expect(finals.get(requestId)?.length ?? 0, requestId).toBeLessThanOrEqual(1);
      for (const said of finals.get(requestId) ?? []) expect(said).toBe(status);
    }
    expect(findOverlaps(runs)).toEqual([]);
    const byId = new Map(states.map((state) => [state.requestId, state]));
    for (const heard of told) {
      const seqs = heard.map(({ seq }) => seq);
      expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
      expect(heard.filter(({ status }) => isFinal(status))).toHaveLength(1);
      expect(heard.at(-1)).toEqual(byId.get(heard.at(-1)?.requestId ?? ''));
    }
    expect(kills).toBeGreaterThan(5);
    process.stdout.write(
      `${REQUESTS} requests, ${kills} kills, ${runs.length} runs, ${cancelled.size} cancelled, ${told.length} subscribers\n`,
    );
  });

  async function findAll(ids: readonly string[]): Promise<AsyncRequest[]> {
    return ports.queue.findMany(ids);
  }
});
