/**
 * What listeners of a finite stream cost on AWS, counted, who ask for ranges as real players were seen to: `range-traffic.ts
 * [--quick]`. docs/aws.md multiplies it by prices.
 */
import { openDynamoStreamStore } from '../src/adapters/dynamodb/dynamo-stream-store.ts';
import { openCountedHome, type CountedHome } from './harness/counted-home.ts';
import { runBench } from './harness/bench.ts';
import { FunctionPool } from './harness/function-pool.ts';
import { atMost, type Measure } from './harness/report.ts';
import { startSimulatedClock, type SimulatedClock } from './harness/simulated-clock.ts';
import { replay } from './harness/traced-request.ts';
import {
  HOUR,
  HOUR_PATH,
  readTrace,
  TRACES,
  type PlayerTrace,
  type TracedRequest,
  type TraceName,
} from './traces/trace.ts';

/** At which an answer goes out, and keeps its process busy: 6 MB in a second and a half. */
const BYTES_A_SECOND = 4e6;
/** Lambda does not say for how long it keeps a process that nobody asks; this is little. */
const IDLE_MS = 5 * 60_000;
const WARM_REQUESTS = 1;
const COLD_REQUESTS = 3;
const QUICK: readonly Audience[] = [
  { name: 'chromium', count: 1, hours: 1 / 2 },
  { name: 'chromium', count: 100, hours: 1 / 30 },
  { name: 'ffmpeg', count: 100, hours: 1 / 30 },
];
const ALL: readonly Audience[] = [
  { name: 'chromium', count: 1, hours: 1 },
  { name: 'chromium', count: 100, hours: 1 / 4 },
  { name: 'chromium-seeking', count: 100, hours: 1 / 4 },
  { name: 'chromium', count: 10_000, hours: 1 / 20, movesAll: false },
  { name: 'ffmpeg', count: 100, hours: 1 / 4 },
  { name: 'mpg123', count: 100, hours: 1 / 4 },
  { name: 'curl', count: 100, hours: 1 / 4 },
];
const log = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error };

await runBench('Listeners on AWS by ranges', async (run) => {
  const clock = startSimulatedClock();
  run.onEnd(async () => clock.stop());
  const home = await openCountedHome(run, HOUR);
  if (home === null) return [];
  const streams = openDynamoStreamStore(home.table, { clock: Date.now, log });
  const common = { tenantId: 'default', persistence: 'permanent', playMode: 'sequential' } as const;
  await streams.save({ ...common, name: HOUR.name, files: home.files });
  run.note(
    `an hour in ${HOUR.files} parts; each listener is at a place of their own, and asks as was recorded (bench/traces):`,
  );
  const traces = new Map<TraceName, PlayerTrace>();
  for (const name of TRACES) {
    const trace = await readTrace(name);
    traces.set(name, trace);
    run.note(`${name}: ${trace.player}, ${trace.recorded}`);
  }
  run.note(
    `a process of the function answers one request at a time, at ${BYTES_A_SECOND / 1e6} MB/s, and ends after ${IDLE_MS / 60_000} idle minutes; what is counted comes after as long a time that is not`,
  );
  const measures: Measure[] = [];
  for (const audience of run.quick ? QUICK : ALL) {
    const trace = traces.get(audience.name);
    if (trace !== undefined) measures.push(...(await listen(home, clock, audience, trace)));
  }
  return measures;
});

interface Audience {
  readonly name: TraceName;
  readonly count: number;
  /** That are counted, after as many that are not. */
  readonly hours: number;
  /** Default true; see `replay`. */
  readonly movesAll?: boolean;
}

interface Tally {
  calls: number;
  dynamoDb: number;
  /** Of the function. */
  s3: number;
}

async function listen(
  home: CountedHome,
  clock: SimulatedClock,
  { name, count, hours, movesAll = true }: Audience,
  trace: PlayerTrace,
): Promise<Measure[]> {
  const beganMs = Date.now();
  const windowS = hours * HOUR.seconds;
  const pool = new FunctionPool(home, IDLE_MS);
  const [cold, warm]: [Tally, Tally] = [
    { calls: 0, dynamoDb: 0, s3: 0 },
    { calls: 0, dynamoDb: 0, s3: 0 },
  ];
  let [calls, led, busyS, bytes] = [0, 0, 0, 0];
  for (const { atS, traced } of requestsOf(trace, count, windowS * 2)) {
    clock.set(beganMs + atS * 1000);
    const isCounted = atS >= windowS;
    let requests = { dynamoDb: [] as string[], s3: [] as string[] };
    const { result, wasWarm } = await pool.run(async (url) => {
      let replayed = { bytes: 0, wasLed: false };
      requests = await home.requestsOf(async () => {
        replayed = await replay(`${url}${HOUR_PATH}`, traced, movesAll);
      });
      const takesS = replayed.wasLed ? 0 : replayed.bytes / BYTES_A_SECOND;
      return { result: { ...replayed, takesS }, untilMs: Date.now() + takesS * 1000 };
    });
    // What a process asks when it is cold is told wherever it was seen.
    if (isCounted || !wasWarm) {
      const tally = wasWarm ? warm : cold;
      tally.calls += 1;
      tally.dynamoDb += requests.dynamoDb.length;
      tally.s3 += requests.s3.length - (result.wasLed ? 1 : 0);
    }
    if (!isCounted) continue;
    calls += 1;
    led += result.wasLed ? 1 : 0;
    busyS += result.takesS;
    bytes += result.wasLed ? 0 : result.bytes;
  }
  await pool.close();
  const each = (value: number) => (value / (count * hours)).toFixed(1);
  const who = `${count.toLocaleString('en')} × ${name}`;
  return [
    { name: `${who}: calls of the function, a listener-hour`, ours: each(calls) },
    { name: '… MB that it sends, and its seconds', ours: `${each(bytes / 1e6)} and ${each(busyS)}` },
    { name: '… that were led to an object in the bucket', ours: each(led) },
    { name: '… processes at most', ours: String(pool.most) },
    ...tell('a call to a warm process', warm, WARM_REQUESTS, movesAll),
    ...tell('a call to a cold process', cold, COLD_REQUESTS, movesAll),
  ];
}

/** @param tellsS3 of answers that are moved in part, S3 was not asked for all */
function tell(name: string, { calls, dynamoDb, s3 }: Tally, limit: number, tellsS3: boolean): Measure[] {
  if (calls === 0) return [];
  const ofS3 = {
    name: `… ${name}: requests to S3`,
    ours: `${(s3 / calls).toFixed(2)} (${s3} for ${calls} calls)`,
  };
  return [
    {
      name: `… ${name}: requests to DynamoDB`,
      ours: `${(dynamoDb / calls).toFixed(2)} (${dynamoDb} for ${calls} calls)`,
      value: dynamoDb / calls,
      target: atMost(limit, 'requests'),
    },
    ...(tellsS3 ? [ofS3] : []),
  ];
}

/** Of listeners who began at all times of the last hour, and begin again when it is over: in order. */
function requestsOf(
  { requests }: PlayerTrace,
  count: number,
  seconds: number,
): { readonly atS: number; readonly traced: TracedRequest }[] {
  const all = Array.from({ length: count }, (_, number) => ((number + 0.5) / count) * HOUR.seconds).flatMap(
    (phaseS) =>
      requests.flatMap((traced) => {
        const first = (phaseS + traced.atS) % HOUR.seconds;
        const rounds = Math.max(0, Math.ceil((seconds - first) / HOUR.seconds));
        return Array.from({ length: rounds }, (_, round) => ({ atS: first + round * HOUR.seconds, traced }));
      }),
  );
  return all.sort((a, b) => a.atS - b.atS);
}
