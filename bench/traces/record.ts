/**
 * Records what players ask for while they play an hour from the HTTP function: `record.ts [player…]`, into the JSON beside
 * it. They play faster than they would, and their times are told in seconds of the sound.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDynamoStreamStore } from '../../src/adapters/dynamodb/dynamo-stream-store.ts';
import { openCountedHome } from '../harness/counted-home.ts';
import { startListeningPost, type ListeningPost } from './listening-post.ts';
import { HOUR, HOUR_PATH, traceFile, TRACES, type PlayerTrace, type TraceName } from './trace.ts';

const run = promisify(execFile);
const SPEED = 16;

interface Player {
  readonly program: string;
  readonly versionFlag: string;
  /** How much faster than the sound it is; null for as fast as it can. */
  readonly speed: number | null;
  readonly how: string;
  readonly play: (post: ListeningPost) => Promise<unknown>;
}

const inBrowser = async (post: ListeningPost, script: string) => {
  const profile = await mkdtemp(join(tmpdir(), 'earshot-trace-'));
  const page = `<!doctype html><audio id="a" src="${HOUR_PATH}"></audio><script>${script}</script>`;
  const done = post.openPage(page);
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`];
  const autoplay = '--autoplay-policy=no-user-gesture-required';
  const browser = spawn('chromium', [...flags, autoplay, post.url], { stdio: 'ignore' });
  const gone = once(browser, 'exit');
  try {
    await Promise.race([
      done,
      gone.then(() => Promise.reject(new Error('Chromium ended before the sound did.'))),
    ]);
  } finally {
    browser.kill();
    await gone;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
};

const CHROMIUM = { program: 'chromium', versionFlag: '--version', speed: SPEED };
const PLAY = `a.playbackRate = ${SPEED}; a.play(); a.onended = () => fetch('/done');`;
const SEEK_EVERY_S = 300;
/** Ten minutes ahead after five minutes of playing, again and again. */
const SEEK = `${PLAY} let next = ${SEEK_EVERY_S};
a.ontimeupdate = () => { if (a.currentTime < next) return; a.currentTime += 600; next = a.currentTime + ${SEEK_EVERY_S}; };`;

const PLAYERS: Readonly<Record<TraceName, Player>> = {
  chromium: {
    ...CHROMIUM,
    how: `an <audio> element at playbackRate ${SPEED}`,
    play: (post) => inBrowser(post, PLAY),
  },
  'chromium-seeking': {
    ...CHROMIUM,
    how: `an <audio> element at playbackRate ${SPEED}, which skips ten minutes after every five`,
    play: (post) => inBrowser(post, SEEK),
  },
  ffmpeg: {
    program: 'ffmpeg',
    versionFlag: '-version',
    speed: SPEED,
    how: `ffmpeg -readrate ${SPEED} -i URL -f null -`,
    play: ({ url }) =>
      run('ffmpeg', [
        ...['-nostdin', '-v', 'error', '-readrate', String(SPEED)],
        ...['-i', `${url}${HOUR_PATH}`, '-f', 'null', '-'],
      ]),
  },
  mpg123: {
    program: 'mpg123',
    versionFlag: '--version',
    speed: null,
    how: 'mpg123 -q -t URL, as fast as it decodes',
    play: ({ url }) => run('mpg123', ['-q', '-t', `${url}${HOUR_PATH}`]),
  },
  curl: {
    program: 'curl',
    versionFlag: '--version',
    speed: null,
    how: 'curl -sL -o /dev/null URL, as fast as it comes',
    play: ({ url }) => run('curl', ['-sL', '-o', '/dev/null', `${url}${HOUR_PATH}`]),
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(TRACES as readonly string[]).includes(name));
if (unknown.length > 0) throw new Error(`There is no player ${unknown.join(', ')}.`);
await using opened = new AsyncDisposableStack();
const home = await openCountedHome(
  { quick: false, note: (text) => console.log(text), onEnd: (close) => opened.defer(close) },
  HOUR,
);
if (home === null) throw new Error('There is nothing to record against.');
const log = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error };
const streams = openDynamoStreamStore(home.table, { clock: Date.now, log });
const common = { tenantId: 'default', persistence: 'permanent', playMode: 'sequential' } as const;
await streams.save({ ...common, name: HOUR.name, files: home.files });
for (const name of TRACES) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { program, versionFlag, speed, how, play } = PLAYERS[name];
  const { stdout } = await run(program, [versionFlag]);
  const post = await startListeningPost(home.url, speed ?? 1);
  try {
    await play(post);
  } finally {
    await post.close();
  }
  const trace: PlayerTrace = {
    player: /^\S+(?: version)? [\d.]+/i.exec(stdout)?.[0] ?? program,
    recorded: how,
    streamBytes: await streamBytes(),
    requests: post.requests,
  };
  await writeFile(traceFile(name), `${JSON.stringify(trace, null, 2)}\n`);
  console.log(`${name}: ${trace.requests.length} requests`);
}

async function streamBytes(): Promise<number> {
  const response = await fetch(`${home?.url}${HOUR_PATH}`, { headers: { range: 'bytes=0-0' } });
  await response.arrayBuffer();
  return Number(response.headers.get('content-range')?.split('/')[1]);
}
