import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { isFinal, type AsyncRequest, type RequestStatus, type RequestTally } from '../domain/request.ts';
import { createBoundedCache } from '../services/bounded-cache.ts';
import type { Ports } from '../services/ports.ts';

type RequestMetricPorts = Pick<Ports, 'queue' | 'hub' | 'actions' | 'clock'>;

/** Who reads the metrics may do so without a login: it must not keep the database busy. */
const TALLY_INTERVAL_MS = 1000;
/** Where counting is slow, since much is open, it takes at most one part in so many of the time. */
const PAUSE_FACTOR = 20;
/** Ends that are known to have been counted: who cancels a second time is told of the same end again. */
const MAX_COUNTED = 1000;
/** What an older version queued. */
const UNKNOWN_ACTION = 'other';

const OPEN_STATUSES = [
  ['PENDING', 'queued'],
  ['PROCESSING', 'running'],
  ['RETRYING', 'retrying'],
] as const satisfies readonly (readonly [RequestStatus, string])[];
const FINAL_STATUSES = [
  ['COMPLETED', 'completed'],
  ['FAILED', 'failed'],
  ['CANCELLED', 'cancelled'],
] as const satisfies readonly (readonly [RequestStatus, string])[];
const FINAL_LABELS = new Map<RequestStatus, string>(FINAL_STATUSES);

/**
 * Counts long work: what is open as the queue has it, and what has ended, by whatever this process brought about. Labels
 * are the registered actions and the statuses, whatever clients ask for.
 * @returns what ends the counting
 */
export function registerRequestMetrics(ports: RequestMetricPorts, registers: Registry[]): () => void {
  gaugeOpen(ports, registers);
  const actions = [...ports.actions.queued.keys()];
  const finished = new Counter({
    name: 'earshot_requests_finished_total',
    help: 'Requests that this process has brought to an end.',
    labelNames: ['action', 'status'],
    registers,
  });
  const retries = new Counter({
    name: 'earshot_request_retries_total',
    help: 'Attempts of this process that failed and are tried again.',
    labelNames: ['action'],
    registers,
  });
  const duration = new Histogram({
    name: 'earshot_request_duration_seconds',
    help: 'From the beginning of the last attempt to the end of the request.',
    labelNames: ['action', 'status'],
    buckets: [0.1, 0.5, 2, 10, 30, 120, 600, 3600],
    registers,
  });
  // From the start on, so that a rate sees the first one.
  for (const action of actions) {
    retries.inc({ action }, 0);
    for (const [, status] of FINAL_STATUSES) finished.inc({ action, status }, 0);
  }

  const counted = createBoundedCache<true>(MAX_COUNTED);
  return ports.hub.onChange((request) => {
    const action = labelOf(ports, request.action);
    if (request.status === 'RETRYING') retries.inc({ action });
    if (!isFinal(request.status)) return;
    const key = `${request.requestId} ${request.seq}`;
    if (counted.get(key) === true) return;
    counted.set(key, true, 1);
    const labels = { action, status: FINAL_LABELS.get(request.status) ?? '' };
    finished.inc(labels);
    const durationMs = durationOf(request);
    if (durationMs !== null) duration.observe(labels, durationMs / 1000);
  });
}

function gaugeOpen(ports: RequestMetricPorts, registers: Registry[]): void {
  const actions = [...ports.actions.queued.keys()];
  const tally = sharedTally(ports);
  new Gauge({
    name: 'earshot_queue_open_requests',
    help: 'Long work that has not ended.',
    registers,
    async collect() {
      this.set(sumOf(await tally()));
    },
  });
  new Gauge({
    name: 'earshot_requests',
    help: 'Long work that has not ended, by action and by whether it waits, runs, or waits to be tried again.',
    labelNames: ['action', 'status'],
    registers,
    async collect() {
      const tallies = await tally();
      this.reset();
      for (const action of actions) for (const [, status] of OPEN_STATUSES) this.set({ action, status }, 0);
      for (const [status, label] of OPEN_STATUSES) {
        for (const each of tallies) {
          if (each.status === status)
            this.inc({ action: labelOf(ports, each.action), status: label }, each.count);
        }
      }
    },
  });
  new Gauge({
    name: 'earshot_requests_oldest_waiting_seconds',
    help: 'How long ago the oldest request was made that waits for a worker; 0 when none waits.',
    labelNames: ['action'],
    registers,
    async collect() {
      const nowMs = ports.clock();
      const waiting = (await tally()).filter(({ status }) => status === 'PENDING' || status === 'RETRYING');
      const byAction = Map.groupBy(waiting, ({ action }) => labelOf(ports, action));
      this.reset();
      for (const action of actions) this.set({ action }, 0);
      for (const [action, tallies] of byAction) {
        const oldestMs = Math.min(...tallies.map(({ oldestCreatedAtMs }) => oldestCreatedAtMs));
        this.set({ action }, Math.max(0, nowMs - oldestMs) / 1000);
      }
    },
  });
}

/** One question to the queue for all that is told from its answer, and for all who ask within a second. */
function sharedTally({ queue, clock }: RequestMetricPorts): () => Promise<readonly RequestTally[]> {
  let tallies: Promise<readonly RequestTally[]> | null = null;
  let askedAtMs = 0;
  let goodForMs = 0;
  return () => {
    const nowMs = clock();
    const isGood = nowMs >= askedAtMs && nowMs - askedAtMs < goodForMs;
    if (tallies !== null && isGood) return tallies;
    askedAtMs = nowMs;
    // Until it has answered it is not asked again.
    goodForMs = Infinity;
    tallies = queue.tallyOpen().finally(() => {
      goodForMs = Math.max(TALLY_INTERVAL_MS, PAUSE_FACTOR * (clock() - nowMs));
    });
    return tallies;
  };
}

const labelOf = ({ actions }: Pick<Ports, 'actions'>, action: string): string =>
  actions.queued.has(action) ? action : UNKNOWN_ACTION;

const sumOf = (tallies: readonly RequestTally[]): number =>
  tallies.reduce((sum, { count }) => sum + count, 0);

/** null for what nobody has begun. */
function durationOf({ startedAtMs, endedAtMs }: AsyncRequest): number | null {
  if (startedAtMs === undefined || endedAtMs === undefined) return null;
  return Math.max(0, endedAtMs - startedAtMs);
}
