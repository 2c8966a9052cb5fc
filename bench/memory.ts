/** The most memory that the server needs for large things, against the same in small: `memory.ts [--quick]`. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { call } from '../test/e2e/client.ts';
import type { Program } from '../test/e2e/program.ts';
import { startOpenAiStandIn } from '../test/servers/openai-stand-in.ts';
import { transcriptionHandlers } from '../test/servers/openai-transcriptions.ts';
import { openConnection } from './harness/answer-reader.ts';
import { runBench, type BenchRun } from './harness/bench.ts';
import { openMadeLibrary, writeStream } from './harness/made-library.ts';
import { makeMp3, makeWav, sendUpload, type MadeAudio } from './harness/made-upload.ts';
import { peakOf, type Peak } from './harness/peak-memory.ts';
import { CAN_TELL_USAGE, NO_USAGE } from './harness/process-usage.ts';
import { atMost, type Measure } from './harness/report.ts';

const MB = 1_000_000;
/** What the collector of garbage may leave lying about, whatever goes through. */
const FLAT = atMost(64, 'MB');
/** Each connection needs its own, which must be little. */
const CONNECTION = atMost(80, 'KB');
/** The pieces that are held are bounded, and full in the small run already. */
const SMALL_CACHE = { CACHE_MB: '8' };
const HOUR_S = 3600;
const POLL_MS = 2000;
/** Connections that are opened together. */
const WAVE = 50;
/** PCM at 8 kHz: nothing is as small for its length, and it must be encoded. */
const TELEPHONE = { rateHz: 8000, channels: 1, bits: 8 };

await runBench('Peak memory', async (run) => {
  if (!CAN_TELL_USAGE) {
    run.note(NO_USAGE);
    return [];
  }
  const scale = run.quick ? 0.02 : 1;
  return [
    ...(await measureUpload(run, scale)),
    ...(await measureLong('an MP3 that fits', scale, (seconds) => makeMp3(seconds))),
    ...(await measureLong('a WAV', scale, (seconds) => makeWav(seconds * TELEPHONE.rateHz, TELEPHONE))),
    ...(await measureTranscriptions(run, scale)),
    ...(await measureStream(scale)),
    ...(await measureConnections(scale)),
  ];
});

async function measureUpload(run: BenchRun, scale: number): Promise<Measure[]> {
  const [small, large] = [200 * MB * scale, 2000 * MB * scale];
  const upload = (sizeBytes: number) =>
    peakOf(async ({ url }) => void (await sendUpload(url, makeWav(sizeBytes))));
  run.note('each peak is that of a server of its own, from its start on');
  const names = [`an upload of ${large / MB} MB`, `${small / MB} MB`] as const;
  return [tellGrowth(names, await upload(small), await upload(large))];
}

/** Up to its record: inspected, measured, made playable, stored. */
async function measureLong(
  what: string,
  scale: number,
  make: (seconds: number) => MadeAudio,
): Promise<Measure[]> {
  const [small, large] = [HOUR_S * scale, 10 * HOUR_S * scale];
  const takeIn = (seconds: number) =>
    peakOf(async ({ url }) => waitUntilDone(url, await sendUpload(url, make(seconds))));
  const [smallPeak, largePeak] = [await takeIn(small), await takeIn(large)];
  const name = `${what} of ${(large / HOUR_S).toFixed(1)} hours taken in`;
  return [
    tellGrowth([name, `${(small / HOUR_S).toFixed(2)} h`], smallPeak, largePeak),
    { name: `its largest ffmpeg`, ours: inMb(largePeak.childBytes), peer: inMb(smallPeak.childBytes) },
  ];
}

/** Asks seldom: what thousands of answers leave to be collected would be taken for the memory of the work. */
async function waitUntilDone(url: string, requestId: string): Promise<void> {
  for (;;) {
    const { body } = await call(url, `/api/requests/${requestId}`);
    if (body['status'] === 'COMPLETED') return;
    if (body['status'] === 'FAILED') throw new Error(`It failed: ${JSON.stringify(body)}`);
    await sleep(POLL_MS);
  }
}

/** Up to its text, which an engine elsewhere tells: what it takes there is its own. */
async function measureTranscriptions(run: BenchRun, scale: number): Promise<Measure[]> {
  const segments = [{ start: 0, end: 1, text: 'Something.' }];
  const script = { segments, language: 'en', asked: [] };
  const standIn = await startOpenAiStandIn({ handlers: transcriptionHandlers(script) });
  run.onEnd(() => standIn.stop());
  const engine = { OPENAI_API_KEY: standIn.apiKey, OPENAI_BASE_URL: standIn.baseUrl };
  const transcribe = (audio: MadeAudio) =>
    peakOf(
      async ({ url }) => waitUntilDone(url, await sendUpload(url, audio, '/api/transcriptions')),
      engine,
    );
  const ofSeconds = (seconds: number) => makeWav(seconds * TELEPHONE.rateHz, TELEPHONE);
  const small = await transcribe(ofSeconds(HOUR_S * scale));
  const long = await transcribe(ofSeconds(10 * HOUR_S * scale));
  const large = await transcribe(makeWav(2000 * MB * scale));
  const against = `${scale.toFixed(2)} h`;
  return [
    tellGrowth([`a WAV of ${(10 * scale).toFixed(1)} hours transcribed`, against], small, long),
    tellGrowth([`a WAV of ${2000 * scale} MB transcribed`, against], small, large),
    {
      name: 'the largest ffmpeg of either',
      ours: inMb(Math.max(long.childBytes, large.childBytes)),
      peer: inMb(small.childBytes),
    },
  ];
}

/** Not against a few parts: some hundred megabytes must have gone through before the collector begins to hurry. */
async function measureStream(scale: number): Promise<Measure[]> {
  const [small, large] = [500 * scale, 5000 * scale];
  const listen = (count: number) =>
    peakOf(playAll, SMALL_CACHE, async (dataDir) => {
      const library = await openMadeLibrary(dataDir);
      const names = await library.add(count, 'part');
      await library.addParts(names);
      library.close();
      await writeStream(dataDir, 's', names);
    });
  const names = [`a stream of ${large} parts, planned and played whole`, `${small} parts`] as const;
  return [tellGrowth(names, await listen(small), await listen(large))];
}

async function playAll({ url }: Program): Promise<void> {
  const plan = await call(url, '/api/streams/s/plan');
  const response = await fetch(`${url}/api/streams/s/stream.mp3`);
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += (chunk as Uint8Array).length;
  if (bytes !== plan.body['total_bytes'])
    throw new Error(`${bytes} bytes came of ${JSON.stringify(plan.body)}`);
}

/** Half of them play an endless stream, each at a place of its own; half have asked once, and keep the connection. */
async function measureConnections(scale: number): Promise<Measure[]> {
  const [small, large] = [200 * scale, 2000 * scale];
  const connect = (count: number) =>
    peakOf(
      (program) => holdConnections(program, count),
      SMALL_CACHE,
      async (dataDir) => {
        const library = await openMadeLibrary(dataDir);
        const names = await library.add(10, 'part');
        await library.addParts(names);
        library.close();
        await writeStream(dataDir, 's', names);
      },
    );
  const [smallPeak, largePeak] = [await connect(small), await connect(large)];
  const growthBytes = (largePeak.ownBytes - smallPeak.ownBytes) / (large - small);
  return [
    {
      name: `${large} connections, half of them playing`,
      ours: `${inMb(largePeak.ownBytes)}, ${(growthBytes / 1000).toFixed(1)} KB each`,
      peer: `${inMb(smallPeak.ownBytes)} for ${small}`,
      value: growthBytes / 1000,
      target: CONNECTION,
    },
  ];
}

async function holdConnections({ url }: Program, count: number): Promise<void> {
  const { host } = new URL(url);
  let begun = 0;
  const failures: Error[] = [];
  const connect = (number: number) => {
    const isPlaying = number % 2 === 0;
    const path = isPlaying ? `/api/streams/s/stream.mp3?play_mode=loop&from=${number % 190}` : '/health';
    const socket = openConnection(url, {
      head: ({ status, headers }) => {
        if (status !== 200) failures.push(new Error(`The answer was ${status}.`));
        begun += 1;
        return Number(headers.get('content-length') ?? Infinity);
      },
      body: () => undefined,
      end: () => undefined,
      fail: (error) => failures.push(error),
    });
    socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    return socket;
  };
  const sockets: Socket[] = [];
  try {
    while (sockets.length < count) {
      for (let wave = 0; wave < WAVE && sockets.length < count; wave += 1)
        sockets.push(connect(sockets.length));
      while (begun < sockets.length && failures.length === 0) await sleep(20);
    }
    // Past the burst of 10 s: from then on they are paced.
    await sleep(15_000);
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} connections failed.`);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function tellGrowth([name, smallName]: readonly [string, string], small: Peak, large: Peak): Measure {
  const growthBytes = large.ownBytes - small.ownBytes;
  return {
    name,
    ours: `${inMb(large.ownBytes)}, ${growthBytes < 0 ? '' : '+'}${inMb(growthBytes)}`,
    peer: `${inMb(small.ownBytes)} for ${smallName}`,
    value: growthBytes / MB,
    target: FLAT,
  };
}

function inMb(bytes: number): string {
  return `${(bytes / MB).toFixed(0)} MB`;
}
