/** A worker that is going to be killed: `crash-worker.ts {place} {log file}`. Each run says when it begins and ends. */
import { openSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { AppError } from '../../src/domain/app-error.ts';
import type { ActionHandler, RetryPolicy } from '../../src/services/actions/action.ts';
import { createActionRegistry } from '../../src/services/actions/action-registry.ts';
import { startWorker } from '../../src/services/worker.ts';
import { createMemoryPorts } from '../memory-ports.ts';
import { queuedAction } from '../test-actions.ts';
import { openPlace, type QueuePlace } from './crash-queue.ts';

export const LEASE_MS = 3000;
const CONCURRENCY = 5;
const RETRY: RetryPolicy = { maxRetries: 5, firstDelayMs: 100, lastDelayMs: 400 };

const [place = '', log = ''] = process.argv.slice(2);
const { queue } = openPlace(JSON.parse(place) as QueuePlace);
const file = openSync(log, 'a');
/** In the file when it returns, so that no kill loses it; a line is written whole. */
const say = (line: Readonly<Record<string, unknown>>) => {
  writeSync(file, `${JSON.stringify({ ...line, pid: process.pid, atMs: Date.now() })}\n`);
};

const noted =
  (work: ActionHandler): ActionHandler =>
  async (request, context) => {
    const { requestId } = request;
    say({ event: 'begin', requestId });
    try {
      return await work(request, context);
    } finally {
      say({ event: 'end', requestId });
    }
  };

const work = noted(async (_request, { signal, report }) => {
  for (let step = 1; step <= 4; step += 1) {
    await setTimeout(20 + Math.random() * 120, undefined, { signal });
    report(step * 20, `step ${step}`);
  }
  return { steps: 4 };
});

const flaky = noted(async ({ retryCount }, { signal }) => {
  await setTimeout(Math.random() * 100, undefined, { signal });
  if (retryCount < 2) throw new AppError('storage_unavailable', 'Not now.');
  return { retries: retryCount };
});

const broken = noted(async () => {
  throw new AppError('unsupported_media', 'This is no audio.');
});

const ports = createMemoryPorts({ queue, random: Math.random });
ports.hub.onChange(({ requestId, status, seq }) => {
  if (status === 'COMPLETED' || status === 'FAILED') say({ event: 'final', requestId, status, seq });
});
startWorker(ports, {
  actions: createActionRegistry(
    Object.entries({ work, flaky, broken }).map(([name, handle]) =>
      queuedAction(name, handle, { retry: RETRY }),
    ),
  ),
  concurrency: CONCURRENCY,
  leaseMs: LEASE_MS,
  pollMs: 100,
});
say({ event: 'up' });
