/** What a library of 100,000 files costs against one of 1,000: `library-scale.ts [--quick]`. */
import { join } from 'node:path';
import { openDatabase } from '../src/adapters/sqlite/database.ts';
import { openSqliteAudioFileStore } from '../src/adapters/sqlite/sqlite-audio-file-store.ts';
import type { AudioFileSort, AudioFileStore } from '../src/domain/audio-file.ts';
import type { Page, PageKey } from '../src/domain/page.ts';
import { makeDataDirectory, startProgram } from '../test/e2e/program.ts';
import { runBench, type BenchRun } from './harness/bench.ts';
import { openMadeLibrary, writeStream } from './harness/made-library.ts';
import { createWordSource } from './harness/made-words.ts';
import { atMost, type Measure } from './harness/report.ts';
import { interleave, median, medianRatio } from './harness/rounds.ts';

const SMALL = 1000;
const LARGE = 100_000;
const LARGE_QUICK = 5000;
const QUEUE = 1000;
const PAGE = 50;
const FOUND = 20;
const MOST_MS = atMost(20, 'ms');
const MOST_RATIO = atMost(3);

/** In the title of as many files of either library. */
const RARE = 'onlyhere';
const RARE_FILES = 5;

/** What is asked, as the interface has it. */
const SEARCHES = {
  'a word that all names have': 'story',
  'one letter': 's',
  'a common word': createWordSource().word(0),
  'the beginning of many words': createWordSource().word(0).slice(0, 2),
  'two common words': `${createWordSource().word(0)} ${createWordSource().word(3)}`,
  'a common and a rare word': `story ${createWordSource().word(400)}`,
  'a word of five files': RARE,
  'a seldom word, which more files have': createWordSource().word(900),
  'what is nowhere': 'nosuchword',
} as const;

type Size = 'small' | 'large';

interface Library {
  readonly store: AudioFileStore;
  readonly url: string;
  /** Where the middle of each list is. */
  readonly middles: Readonly<Record<AudioFileSort, { readonly key: PageKey; readonly cursor: string }>>;
}

await runBench('A large library', async (run) => {
  const count = run.quick ? LARGE_QUICK : LARGE;
  run.note(`${count} records against ${SMALL}; pages of ${PAGE}, ${FOUND} results of a search`);
  const libraries = { small: await open(run, SMALL), large: await open(run, count) };
  const rounds = run.quick ? 3 : 31;
  const measures: Measure[] = [];
  const measure = async (name: string, ask: (library: Library) => Promise<unknown>) => {
    const ms = await interleave(rounds, {
      small: () => timed(() => ask(libraries.small)),
      large: () => timed(() => ask(libraries.large)),
    });
    measures.push(...tell(name, ms));
  };

  for (const sort of ['name', 'created', 'duration'] as const) {
    const byState = (state: string) => (state === '' ? {} : { state: 'ready' as const });
    for (const state of ['', ', of those that are ready']) {
      const query = { sort, limit: PAGE, ...byState(state) };
      await measure(`page by ${sort}${state}`, ({ store }) => store.list('default', query));
      const path = `/api/audio/list?sort=${sort}&limit=${PAGE}${state === '' ? '' : '&status=ready'}`;
      await measure(`HTTP: page by ${sort}${state}`, ({ url }) => get(`${url}${path}`));
    }
    const after = (library: Library) => ({ sort, limit: PAGE, after: library.middles[sort].key });
    await measure(`page by ${sort}, from the middle`, (library) =>
      library.store.list('default', after(library)),
    );
    await measure(`HTTP: page by ${sort}, from the middle`, ({ url, middles }) =>
      get(`${url}/api/audio/list?sort=${sort}&limit=${PAGE}&cursor=${middles[sort].cursor}`),
    );
  }
  for (const [name, query] of Object.entries(SEARCHES)) {
    await measure(`search: ${name}`, ({ store }) => store.search('default', query, FOUND));
    const path = `/api/audio/search?query=${encodeURIComponent(query)}&limit=${FOUND}`;
    await measure(`HTTP: search: ${name}`, ({ url }) => get(`${url}${path}`));
  }
  await measure(`HTTP: plan of ${QUEUE} parts`, ({ url }) => get(`${url}/api/streams/long/plan`));
  return measures;
});

/** A program with so many records, and a second connection to its database. */
async function open(run: BenchRun, count: number): Promise<Library> {
  const data = await makeDataDirectory();
  run.onEnd(() => data.remove());
  const made = await openMadeLibrary(data.path);
  const words = createWordSource();
  const names = await made.add(count, 'story', (number) => ({
    ...words.describe(number),
    ...(number % (count / RARE_FILES) === 7 && { title: `The ${RARE}` }),
  }));
  const queue = names.filter((_, place) => place % Math.floor(count / QUEUE) === 0).slice(0, QUEUE);
  await made.addParts(queue);
  made.close();
  await writeStream(data.path, 'long', queue);

  const program = await startProgram(data.path, { AUTH: 'off', LOG_LEVEL: 'info' });
  run.onEnd(async () => void (await program.stop()));
  const db = openDatabase(join(data.path, 'earshot.db'));
  run.onEnd(async () => db.close());
  const store = openSqliteAudioFileStore(db);
  const middle = async (sort: AudioFileSort) => ({
    key: await keyAt(store, sort, count / 2),
    cursor: await cursorAt(program.url, sort, count / 2),
  });
  const [name, created, duration] = [await middle('name'), await middle('created'), await middle('duration')];
  return { store, url: program.url, middles: { name, created, duration } };
}

async function keyAt(store: AudioFileStore, sort: AudioFileSort, place: number): Promise<PageKey> {
  let after: PageKey | undefined;
  for (let seen = 0; seen < place; seen += 1000) {
    const page: Page<unknown> = await store.list('default', {
      sort,
      limit: Math.min(1000, place),
      ...(after !== undefined && { after }),
    });
    after = page.next;
  }
  if (after === undefined) throw new Error('The list is shorter than that.');
  return after;
}

async function cursorAt(url: string, sort: AudioFileSort, place: number): Promise<string> {
  let cursor = '';
  for (let seen = 0; seen < place; seen += 100) {
    const after = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = (await get(`${url}/api/audio/list?sort=${sort}&limit=100${after}`)) as {
      next_cursor?: string;
    };
    cursor = encodeURIComponent(page.next_cursor ?? '');
  }
  return cursor;
}

async function get(url: string): Promise<unknown> {
  const response = await fetch(url);
  const body: unknown = await response.json();
  if (response.status !== 200)
    throw new Error(`${url} was answered ${response.status}: ${JSON.stringify(body)}`);
  return body;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function tell(name: string, { small, large }: Readonly<Record<Size, readonly number[]>>): Measure[] {
  const [ours, peer] = [`${median(large).toFixed(2)} ms`, `${median(small).toFixed(2)} ms`];
  return [
    { name, ours, peer, value: medianRatio(large, small), target: MOST_RATIO },
    ...(median(large) > MOST_MS.limit ? [{ name, ours, value: median(large), target: MOST_MS }] : []),
  ];
}
