import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { call, fixture, upload } from './client.ts';
import { runCommand, type Ran } from './command-line.ts';
import { makeDataDirectory, root, startProgram, type Program } from './program.ts';

/** Of the worker's next look, with some for a busy machine. */
const STOP_LIMIT_MS = 2000;
/** Longer than any test looks at it. */
const LONG_SECONDS = 3600;
const WAV_HEADER_BYTES = 44;

let data: Awaited<ReturnType<typeof makeDataDirectory>>;
let program: Program;

beforeAll(async () => {
  data = await makeDataDirectory();
  program = await startProgram(data.path, { AUTH: 'off' });
});

afterAll(async () => {
  await program.stop();
  await data.remove();
});

const requests = (...args: readonly string[]): Promise<Ran> =>
  runCommand(['requests', ...args], { cwd: data.path, environment: {} });

const showJson = async (id: string): Promise<Record<string, unknown>> =>
  JSON.parse((await requests('show', id, '--json')).stdout) as Record<string, unknown>;

/** @returns its id */
async function enqueue(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const answer = await upload(program.url, name, bytes, { headers: { prefer: 'wait=0' } });
  expect(answer.status).toBe(202);
  return String(answer.body['request_id']);
}

/** A second of sound, again and again: made in no time, worked on for long. */
function longTone(seconds: number, frequencyHz: number): Uint8Array<ArrayBuffer> {
  const second = Buffer.from(makeToneWav({ seconds: 1, sampleRateHz: 8000, channels: 1, frequencyHz }));
  const sound = second.subarray(WAV_HEADER_BYTES);
  const wav = Buffer.alloc(WAV_HEADER_BYTES + seconds * sound.length);
  second.copy(wav, 0, 0, WAV_HEADER_BYTES);
  wav.fill(sound, WAV_HEADER_BYTES);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.writeUInt32LE(wav.length - WAV_HEADER_BYTES, 40);
  return wav;
}

async function enqueueLong(name: string, frequencyHz: number): Promise<string> {
  const id = await enqueue(name, longTone(LONG_SECONDS, frequencyHz));
  await expect.poll(() => countChildren(program.pid), { timeout: 20_000, interval: 50 }).toBeGreaterThan(0);
  return id;
}

/** Linux only, as the other looks at processes. */
async function countChildren(pid: number): Promise<number> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(
    processes.map(async (each) => {
      const stat = await readFile(`/proc/${each}/stat`, 'utf8').catch(() => '');
      // The name before it may hold spaces and parentheses.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state === 'Z' ? '' : parent;
    }),
  );
  return parents.filter((parent) => parent === String(pid)).length;
}

interface Watching {
  readonly output: () => string;
  readonly ended: Promise<number | null>;
  interrupt(): void;
}

function startWatching(...args: readonly string[]): Watching {
  const child = spawn(process.execPath, [join(root, 'bin', 'earshot.js'), 'requests', 'watch', ...args], {
    cwd: data.path,
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: tmpdir(), DATA_DIR: data.path },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return {
    output: () => output,
    ended: once(child, 'close').then(([code]) => code as number | null),
    interrupt() {
      // As a terminal does: to all of the group.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
    },
  };
}

describe('earshot requests', () => {
  it('lists and shows what became of requests', { timeout: 60_000 }, async () => {
    const good = await enqueue('good.mp3', await fixture('fits.mp3'));
    const watched = await requests('watch', good);
    expect(watched.stdout).toMatch(new RegExp(`${good} +ingest +COMPLETED +100%`));
    expect(watched.code).toBe(0);

    const listed = await requests('list');
    expect(listed.stdout).toMatch(/^ID +ACTION +STATUS +PROGRESS +AGE +USER$/m);
    expect(listed.stdout).toMatch(new RegExp(`^${good} +ingest +COMPLETED +100% +\\d+ m?s +local$`, 'm'));
    const filtered = await requests('list', '--status', 'completed', '--action', 'ingest', '--json');
    expect(JSON.parse(filtered.stdout)).toMatchObject({
      count: 1,
      requests: [{ request_id: good, user_id: 'local' }],
    });
    expect((await requests('list', '--status', 'FAILED')).stdout).toBe('There are none.\n');

    const shown = await requests('show', good);
    expect(shown.stdout).toMatch(/^Result +\{"filename":"good\.mp3"\}$/m);
    expect(shown.stdout).toMatch(/^Took +\d+ m?s$/m);
    expect(await showJson(good)).toMatchObject({
      status: 'COMPLETED',
      result: { filename: 'good.mp3' },
      attempts: [],
    });
  });

  it('says what it does not know, and fails', { timeout: 60_000 }, async () => {
    const [status, action, user, limit, show, cancel, watch] = await Promise.all([
      requests('list', '--status', 'SLEEPING'),
      requests('list', '--action', 'dance'),
      requests('list', '--user', 'nobody'),
      requests('list', '--limit', '0'),
      // An id may begin as an option does.
      requests('show', '-nothing'),
      requests('cancel', 'nothing', 'nobody'),
      requests('watch', 'nothing'),
    ]);
    expect(status.stderr).toContain(
      'Known are: PENDING, PROCESSING, RETRYING, COMPLETED, FAILED, CANCELLED.',
    );
    expect(action.stderr).toContain('There is no such action. Known are: ');
    expect(user.stderr).toContain('There is no user nobody.');
    expect(limit.stderr).toContain('It is a number from 1 to 1000.');
    expect(show.stderr).toBe('earshot: There is no request -nothing.\n');
    expect(cancel.stderr).toBe(
      'earshot: nothing: There is no such request.\nearshot: nobody: There is no such request.\n',
    );
    expect(watch.stderr).toBe('earshot: There is no request nothing.\n');
    for (const { code } of [status, action, user, limit, show, cancel, watch]) expect(code).toBe(1);
  });

  it('cancels what the server runs: it and its ffmpeg are gone at once', { timeout: 120_000 }, async () => {
    const id = await enqueueLong('long.wav', 440);
    const watching = startWatching(id);
    await expect.poll(watching.output, { timeout: 20_000 }).toMatch(/ingest {2}PROCESSING/);

    const cancelling = requests('cancel', id);
    const isCancelled = async () =>
      (await call(program.url, `/api/requests/${id}`)).body['status'] === 'CANCELLED';
    while (!(await isCancelled())) await sleep(10);
    const cancelledAtMs = performance.now();
    while ((await countChildren(program.pid)) > 0) {
      await sleep(20);
      if (performance.now() - cancelledAtMs > 20_000) break;
    }
    expect(performance.now() - cancelledAtMs).toBeLessThan(STOP_LIMIT_MS);

    expect((await cancelling).stdout).toBe(`${id} is cancelled.\n`);
    expect(await watching.ended).toBe(1);
    expect(watching.output()).toMatch(new RegExp(`${id} {2}ingest {2}CANCELLED`));
    // What it did to the work is not taken for a failure.
    expect(program.output.stdout).not.toMatch(/"level":50|"msg":"request failed"/);
    expect(await showJson(id)).toMatchObject({ status: 'CANCELLED', error: null });
    expect((await requests('cancel', id)).code).toBe(0);
  });

  it('begins a cancelled request anew where that is possible', { timeout: 60_000 }, async () => {
    const listed = await requests('list', '--status', 'CANCELLED', '--json');
    const [cancelled] = (JSON.parse(listed.stdout) as { requests: { request_id: string }[] }).requests;
    const id = cancelled?.request_id ?? '';
    const retried = await requests('retry', id);
    // What was uploaded goes with the cancelling.
    expect(retried).toMatchObject({
      code: 1,
      stderr: `earshot: ${id}: The upload is not kept any more. Upload the file again.\n`,
    });
    const good = await requests('list', '--status', 'COMPLETED', '--json');
    const [completed] = (JSON.parse(good.stdout) as { requests: { request_id: string }[] }).requests;
    expect((await requests('retry', completed?.request_id ?? '')).code).toBe(1);
  });

  it('watches all that is open, until Ctrl-C, and leaves the work alone', { timeout: 180_000 }, async () => {
    const nothing = await requests('watch');
    expect(nothing).toMatchObject({ code: 0, stdout: '', stderr: 'Nothing was open.\n' });

    const watching = startWatching('--follow');
    // It comes while it watches.
    const first = await enqueueLong('first.wav', 500);
    await expect
      .poll(watching.output, { timeout: 20_000 })
      .toMatch(new RegExp(`${first} {2}ingest {2}PROCESSING`));
    watching.interrupt();
    expect(await watching.ended).toBe(130);
    expect(watching.output()).not.toContain('    at ');
    expect(await showJson(first)).toMatchObject({ status: 'PROCESSING' });
    expect((await requests('cancel', first)).code).toBe(0);
  });
});

it('works on the data while no server runs', { timeout: 60_000 }, async () => {
  const own = await makeDataDirectory();
  try {
    const offline = (...args: string[]) =>
      runCommand(['requests', ...args], { cwd: own.path, environment: {} });
    expect(await offline('list')).toMatchObject({ code: 0, stdout: 'There are none.\n' });
    const stopped = await startProgram(own.path, { AUTH: 'off' });
    const answer = await upload(stopped.url, 'long.wav', longTone(600, 300), {
      headers: { prefer: 'wait=0' },
    });
    const id = String(answer.body['request_id']);
    await stopped.kill();
    expect((await offline('list', '--json')).stdout).toContain(id);
    expect((await offline('cancel', id)).stdout).toBe(`${id} is cancelled.\n`);
    expect((await offline('watch', id)).code).toBe(1);
  } finally {
    await own.remove();
  }
});
