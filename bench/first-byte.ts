/**
 * How long the first byte of a stream of 1,000 parts takes, against one of a single part: `first-byte.ts [--quick]`.
 * A seek in it is counted at the object store.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { makeDataDirectory, startProgram, type Program } from '../test/e2e/program.ts';
import { call } from '../test/e2e/client.ts';
import { runBench, type BenchRun } from './harness/bench.ts';
import { askAnew, openKeptConnection, type Asked } from './harness/first-byte.ts';
import { openMadeLibrary, writeStream } from './harness/made-library.ts';
import { putQueue } from './harness/program.ts';
import { atMost, type Measure } from './harness/report.ts';
import { interleave, median, medianRatio } from './harness/rounds.ts';
import { measureSeeks } from './harness/seeks.ts';

const LONG = 1000;
const LONGEST = 5000;
const TARGET = atMost(3);
const RANGE_BYTES = 1024;
/** Longer than parts that were seen count as there. */
const SILENCE_MS = 31_000;

type Size = 'one' | 'long' | 'longest';
const SIZES: Readonly<Record<Size, number>> = { one: 1, long: LONG, longest: LONGEST };
const sizes = Object.keys(SIZES) as Size[];
/** Streams that the program finds at its start, that are made over HTTP, and that somebody writes beside it. */
const UNHEARD = ['known', 'made', 'fresh', 'foreign'] as const;
type Unheard = (typeof UNHEARD)[number];
const pathOf = (stream: string): string => `/api/streams/${stream}/stream.mp3`;

await runBench('First byte of a long stream', async (run) => {
  const data = await makeDataDirectory();
  run.onEnd(() => data.remove());
  const unheard = run.quick ? 1 : 8;
  const totalBytes = await fill(data.path, unheard);
  const rounds = (full: number) => (run.quick ? 2 : full);

  const measures = [
    ...(await measureStarts(run, data.path, rounds(5))),
    ...(await withProgram(data.path, async (program) => [
      ...(await measureWarm(program, totalBytes, rounds(200))),
      ...(await measureEdited(program, rounds(20))),
      ...(run.quick ? [] : await measureSilence(program, 3)),
      // After the silence, so that none of the parts that the program has seen count as there any more.
      ...(await measureUnheard(program, data.path, unheard)),
    ])),
  ];
  return [...measures, ...(await measureSeeks(data.path, LONG, rounds(200)))];
});

/** Streams of each size, and files for others of which each is asked for once. @returns the bytes of each size */
async function fill(dataDir: string, unheard: number): Promise<Readonly<Record<Size, number>>> {
  const library = await openMadeLibrary(dataDir);
  try {
    const names = await library.add(LONGEST, 'part');
    await library.addParts(names);
    for (const size of sizes) await writeStream(dataDir, size, names.slice(0, SIZES[size]));
    for (const kind of UNHEARD) {
      for (let number = 0; number < unheard; number += 1) {
        for (const size of ['one', 'long'] as const) {
          await library.addParts(await library.add(SIZES[size], nameUnheard(kind, size, number).stream));
          if (kind === 'known') await writeUnheard(dataDir, kind, size, number);
        }
      }
    }
    const { audioBytes } = library.part;
    return { one: audioBytes, long: LONG * audioBytes, longest: LONGEST * audioBytes };
  } finally {
    library.close();
  }
}

async function withProgram<Result>(
  dataDir: string,
  use: (program: Program) => Promise<Result>,
): Promise<Result> {
  const program = await startProgram(dataDir, { AUTH: 'off' });
  try {
    return await use(program);
  } finally {
    await program.stop();
  }
}

/** The first request that a server gets at all. */
async function measureStarts(run: BenchRun, dataDir: string, rounds: number): Promise<Measure[]> {
  run.note(`each of ${rounds} starts a size answers one request`);
  const first = (size: Size) => () =>
    withProgram(dataDir, (program) => askAnew(program.url, { path: pathOf(size) }));
  return compare('cold: first request after the start', rounds, first);
}

async function measureWarm(
  program: Program,
  totalBytes: Readonly<Record<Size, number>>,
  rounds: number,
): Promise<Measure[]> {
  const kept = openKeptConnection(program.url);
  const start: Asked['range'] = `bytes=0-${RANGE_BYTES - 1}`;
  try {
    for (const size of sizes) await kept.ask({ path: pathOf(size), range: start });
    await sleep(2500);
    return [
      ...(await compare(
        'warm, kept-alive connection',
        rounds,
        (size) => () => kept.ask({ path: pathOf(size), range: start }),
      )),
      ...(await compare(
        'warm, new connection',
        rounds,
        (size) => () => askAnew(program.url, { path: pathOf(size) }),
      )),
      ...(await compare('warm, a seek to a random place', rounds, (size) => () => {
        const at = Math.floor(Math.random() * (totalBytes[size] - RANGE_BYTES));
        return kept.ask({ path: pathOf(size), range: `bytes=${at}-${at + RANGE_BYTES - 1}` });
      })),
    ];
  } finally {
    kept.close();
  }
}

/** The first request after the queue has another order, and after a record of the library was edited. */
async function measureEdited(program: Program, rounds: number): Promise<Measure[]> {
  let edits = 0;
  const edit = async (path: string, method: string, json: unknown) => {
    const { status, body } = await call(program.url, path, { method, json });
    if (status !== 200) throw new Error(`The edit was answered ${status}: ${JSON.stringify(body)}`);
  };
  const afterQueue = (size: Size) => async () => {
    edits += 1;
    await edit(`/api/streams/${size}`, 'PATCH', { title: `Edit ${edits}` });
    return askAnew(program.url, { path: pathOf(size) });
  };
  const afterRecord = (size: Size) => async () => {
    edits += 1;
    await edit('/api/audio/part-0.mp3/info', 'PATCH', { title: `Edit ${edits}` });
    return askAnew(program.url, { path: pathOf(size) });
  };
  return [
    ...(await compare('cold: after an edit of the stream', rounds, afterQueue)),
    ...(await compare('cold: after an edit of a record', rounds, afterRecord)),
  ];
}

function nameUnheard(kind: Unheard, size: Size, number: number): { stream: string; files: string[] } {
  const stream = `${kind}-${size}-${number}`;
  return { stream, files: Array.from({ length: SIZES[size] }, (_, place) => `${stream}-${place}.mp3`) };
}

async function writeUnheard(dataDir: string, kind: Unheard, size: Size, number: number): Promise<void> {
  const { stream, files } = nameUnheard(kind, size, number);
  await writeStream(dataDir, stream, files);
}

/** Streams that nobody has heard since the start. What the program has read ahead of them is its own affair. */
async function measureUnheard(program: Program, dataDir: string, rounds: number): Promise<Measure[]> {
  const measure = (name: string, kind: Unheard, make: (size: Size, number: number) => Promise<void>) => {
    const next = { one: 0, long: 0 };
    const ask = (size: 'one' | 'long') => async () => {
      const number = next[size];
      next[size] += 1;
      await make(size, number);
      return askAnew(program.url, { path: pathOf(nameUnheard(kind, size, number).stream) });
    };
    return compare(name, rounds, ask, ['one', 'long']);
  };
  const putQueueOf = async (kind: Unheard, size: Size, number: number) => {
    const { stream, files } = nameUnheard(kind, size, number);
    await putQueue(program, stream, files);
  };
  return [
    ...(await measure('cold: a stream that nobody has heard yet', 'known', async () => undefined)),
    ...(await measure('cold: one that was made over HTTP a second ago', 'made', async (size, number) => {
      await putQueueOf('made', size, number);
      await sleep(1000);
    })),
    ...(await measure('cold: one that was made over HTTP just now', 'fresh', (size, number) =>
      putQueueOf('fresh', size, number),
    )),
    // Of its files nobody has read a record, and the program learns of it with the request.
    ...(await measure('cold: one that somebody put into the directory just now', 'foreign', (size, number) =>
      writeUnheard(dataDir, 'foreign', size, number),
    )),
  ];
}

/** Every part is looked for again. */
async function measureSilence(program: Program, rounds: number): Promise<Measure[]> {
  const results: Record<Size, number[]> = { one: [], long: [], longest: [] };
  for (let round = 0; round < rounds; round += 1) {
    await sleep(SILENCE_MS);
    for (const size of sizes) results[size].push(await askAnew(program.url, { path: pathOf(size) }));
  }
  return tell('cold: after half a minute of silence', results, sizes);
}

async function compare<Name extends Size>(
  name: string,
  rounds: number,
  ask: (size: Name) => () => Promise<number>,
  which: readonly Name[] = sizes as Name[],
): Promise<Measure[]> {
  const contenders = Object.fromEntries(which.map((size) => [size, ask(size)])) as Record<
    Name,
    () => Promise<number>
  >;
  return tell(name, await interleave(rounds, contenders), which);
}

function tell<Name extends Size>(
  name: string,
  results: Readonly<Record<Name, readonly number[]>>,
  which: readonly Name[],
): Measure[] {
  const ms = (size: Name) => `${median(results[size]).toFixed(2)} ms`;
  const [one, ...others] = which;
  if (one === undefined) return [];
  return others.map((size) => ({
    name: `${name}, ${SIZES[size]} parts`,
    ours: ms(size),
    peer: `${ms(one)} of 1 part`,
    value: medianRatio(results[size], results[one]),
    ...(size === 'long' && { target: TARGET }),
  }));
}
