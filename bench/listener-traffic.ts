/** What listeners cost on AWS, counted: `listener-traffic.ts [--quick]`. docs/aws.md multiplies it by prices. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openDynamoStreamStore } from '../src/adapters/dynamodb/dynamo-stream-store.ts';
import { players } from '../test/e2e/players.ts';
import { openCountedHome, type CountedHome } from './harness/counted-home.ts';
import { runBench, type BenchRun } from './harness/bench.ts';
import { EdgeCache } from './harness/edge-cache.ts';
import { HlsListener } from './harness/hls-listener.ts';
import { atMost, type Measure } from './harness/report.ts';
import { startSimulatedClock, type SimulatedClock } from './harness/simulated-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Playlists and segments of ten seconds. */
const REQUESTS_AN_HOUR = 720;
/** Twenty seconds each: an epoch of ten minutes. */
const FILES_A_STREAM = 30;
/** Segments that a player has before it needs them, whenever it stops. */
const AHEAD = 2;
const OWN_STREAMS = 100;
const PLAYER_S = 60;
const log = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error };

await runBench('Listeners on AWS', async (run) => {
  const clock = startSimulatedClock();
  run.onEnd(async () => clock.stop());
  const home = await openCountedHome(run, { files: FILES_A_STREAM });
  if (home === null) return [];
  await addStreams(home);
  const measures = await listenWithPlayer(run, home);
  const hours = run.quick ? 1 / 60 : 1;
  run.note(
    `each listens for ${hours === 1 ? 'an hour' : 'a minute'} that passes in seconds, and begins at a moment of its own`,
  );
  run.note(
    'before the function stands a cache that all share, as CloudFront does, which keeps what Cache-Control lets it',
  );
  for (const count of run.quick ? [1, 100] : [1, 100, 10_000]) {
    measures.push(
      ...(await listen(home, clock, {
        count,
        hours,
        path: () => '/api/streams/station/playlist.m3u8?live=1',
      })),
    );
  }
  const own = run.quick ? 10 : OWN_STREAMS;
  measures.push(
    ...(await listen(home, clock, {
      count: own,
      hours: hours / 6,
      isOwn: true,
      path: (number) => `/api/streams/own-${number}/playlist.m3u8`,
    })),
  );
  return measures;
});

async function addStreams({ table, files }: CountedHome): Promise<void> {
  const streams = openDynamoStreamStore(table, { clock: Date.now, log });
  const common = { tenantId: 'default', persistence: 'permanent', files } as const;
  await streams.save({ ...common, name: 'station', playMode: 'endless-shuffle' });
  for (let number = 0; number < OWN_STREAMS; number += 1)
    await streams.save({ ...common, name: `own-${number}`, playMode: 'loop' });
}

interface Audience {
  readonly count: number;
  readonly hours: number;
  readonly isOwn?: boolean;
  readonly path: (number: number) => string;
}

/** One after the other in the order of the clock: each at its own moment of each ten seconds. */
async function listen(
  home: CountedHome,
  clock: SimulatedClock,
  { count, hours, isOwn = false, path }: Audience,
): Promise<Measure[]> {
  const edge = new EdgeCache(home.url);
  const beganMs = Date.now();
  const listeners = Array.from({ length: count }, (_, number) => ({
    player: new HlsListener(edge, path(number)),
    nextMs: beganMs + (number * 10_000) / count,
  }));
  const counted = await home.requestsOf(async () => {
    const endMs = beganMs + hours * HOUR_MS;
    // All read again after the same time, so that their order stays as it is.
    for (let isOver = false; !isOver;) {
      for (const listener of listeners) {
        if (listener.nextMs >= endMs) {
          isOver = true;
          break;
        }
        clock.set(listener.nextMs);
        listener.nextMs += await listener.player.goOn();
      }
    }
  });
  const name = isOwn
    ? `${count} listeners, a stream each`
    : `${count.toLocaleString('en')} listener${count === 1 ? '' : 's'} of one stream`;
  const { requests, bytes, originRequests } = edge.takeCounts();
  const each = (value: number) => {
    const ofHour = value / (count * hours);
    return ofHour.toFixed(ofHour < 10 ? 3 : 0);
  };
  return [
    {
      name: `${name}: requests of a listener-hour`,
      ours: each(requests),
      value: Math.round((requests - AHEAD * count) / (count * hours)),
      target: atMost(REQUESTS_AN_HOUR, 'requests'),
    },
    { name: '… MB of a listener-hour', ours: each(bytes / 1e6) },
    { name: '… that the function answers', ours: each(originRequests) },
    { name: '… requests to DynamoDB', ours: `${each(counted.dynamoDb.length)} (${tally(counted.dynamoDb)})` },
    { name: '… requests to S3', ours: `${each(counted.s3.length)} (${tally(counted.s3)})` },
  ];
}

function tally(requests: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const action of requests) counts.set(action, (counts.get(action) ?? 0) + 1);
  return [...counts].map(([action, times]) => `${times} ${action}`).join(', ') || 'none';
}

/** A real player in real time: that the simulated ones ask as it does. */
async function listenWithPlayer(run: BenchRun, { url }: CountedHome): Promise<Measure[]> {
  const { ffmpeg } = players;
  if (ffmpeg === null) {
    run.note('ffmpeg is not on the PATH: no real player is counted');
    return [];
  }
  const seconds = run.quick ? 12 : PLAYER_S;
  const seen: string[] = [];
  const proxy = createServer((incoming, response) => {
    seen.push(incoming.url ?? '');
    forward(`${url}${incoming.url}`, { headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).end();
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const input = `${address}/api/streams/station/playlist.m3u8?live=1`;
  const child = spawn(
    ffmpeg,
    ['-nostdin', '-v', 'error', '-re', '-i', input, '-t', String(seconds), '-f', 'null', '-'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  proxy.closeAllConnections();
  proxy.close();
  if (code !== 0) throw new Error(`ffmpeg ended with ${code ?? 'a signal'}.`);
  const segments = seen.filter((path) => path.includes('.mp3')).length;
  return [
    {
      name: `ffmpeg, ${seconds} s of real time: playlists and segments that it asked for`,
      ours: `${seen.length - segments} and ${segments}`,
    },
  ];
}
