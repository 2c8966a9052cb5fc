import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { call, upload } from './client.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const LISTENERS = 2000;
const AT_ONCE = 50;
/** What a garbage collector may leave for later. */
const MEMORY_SLACK_BYTES = 60 * 1024 * 1024;
/** The server cuts off who takes nothing for 60 s. */
const STALL_LIMIT_MS = 75_000;

describe.runIf(process.platform === 'linux')('listeners who go, or take nothing', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;
  const path = (query: string) => `/api/streams/s/stream.mp3${query}`;

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(data.path, { AUTH: 'off' });
    const files: string[] = [];
    for (const seconds of [300, 301]) {
      const wav = new Uint8Array(makeToneWav({ seconds, amplitude: 0.3 }));
      const { body } = await upload(program.url, `tone-${seconds}.wav`, wav);
      files.push(String(body['filename']));
    }
    const { status } = await call(program.url, '/api/streams/s/queue', { method: 'PUT', json: { files } });
    expect(status).toBe(201);
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  const openHandles = async () => (await readdir(`/proc/${program.pid}/fd`)).length;
  const residentBytes = async () => {
    const status = await readFile(`/proc/${program.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  };

  async function begin(query: string): Promise<IncomingMessage> {
    const request = get(program.url + path(query), { agent: false });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    return answer;
  }

  /** Some go after the headers, some after the first bytes; of finite and of endless streams. */
  async function listenAndGo(number: number): Promise<void> {
    const answer = await begin(number % 2 === 0 ? '' : `?play_mode=endless-shuffle&seed=${number}`);
    if (number % 3 !== 0) await once(answer, 'data');
    answer.on('error', () => undefined).destroy();
    await once(answer, 'close');
  }

  async function listenAndGoTimes(times: number): Promise<void> {
    const numbers = Array.from({ length: times }, (_, number) => number).values();
    const listen = async () => {
      for (const number of numbers) await listenAndGo(number);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, listen));
  }

  it('leave no handle and no memory behind', async () => {
    // Until the cache of pieces is full and the heap has its size.
    await listenAndGoTimes(LISTENERS);
    const idle = await openHandles();
    const before = await residentBytes();
    await listenAndGoTimes(LISTENERS);
    await expect.poll(openHandles, { timeout: 10_000 }).toBeLessThanOrEqual(idle);
    const grownBytes = (await residentBytes()) - before;
    process.stdout.write(
      `${LISTENERS} listeners who went: ${Math.round(grownBytes / 1024)} KiB more, ${idle} handles\n`,
    );
    expect(grownBytes).toBeLessThan(MEMORY_SLACK_BYTES);
  });

  it('are cut off after a minute of taking nothing', async () => {
    const { hostname, port } = new URL(program.url);
    const idle = await openHandles();
    const socket: Socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.pause();
    socket.on('error', () => undefined);
    socket.write(`GET ${path('')} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
    await expect.poll(openHandles, { timeout: 5000 }).toBeGreaterThan(idle);
    const startedAtMs = performance.now();
    await expect.poll(openHandles, { timeout: STALL_LIMIT_MS, interval: 250 }).toBeLessThanOrEqual(idle);
    process.stdout.write(`cut off after ${Math.round((performance.now() - startedAtMs) / 1000)} s\n`);
    socket.destroy();
  });

  it('hear an endless stream at playing speed, within 2 % over 20 s and more', async () => {
    const answer = await begin('?play_mode=loop');
    const bytesPerMs = 16;
    const startedAtMs = performance.now();
    let heardBytes = 0;
    const arrivals: { atMs: number; heardMs: number }[] = [];
    for await (const chunk of answer as AsyncIterable<Uint8Array>) {
      heardBytes += chunk.length;
      const atMs = performance.now() - startedAtMs;
      arrivals.push({ atMs, heardMs: heardBytes / bytesPerMs });
      if (atMs > 30_000) break;
    }
    const burst = arrivals.findLast(({ atMs }) => atMs < 500);
    // From one chunk that was waited for to another: a chunk of a second always comes whole.
    const paced = arrivals.filter(({ atMs }) => atMs > 2000);
    const [first, last] = [paced[0], paced.at(-1)];
    if (burst === undefined || first === undefined || last === undefined) throw new Error('It did not play.');
    expect(burst.heardMs).toBeGreaterThanOrEqual(10_000);
    expect(burst.heardMs).toBeLessThan(11_500);
    expect(last.atMs - first.atMs).toBeGreaterThan(20_000);
    const speed = (last.heardMs - first.heardMs) / (last.atMs - first.atMs);
    process.stdout.write(`speed ${speed.toFixed(4)}\n`);
    expect(speed).toBeGreaterThan(0.98);
    expect(speed).toBeLessThan(1.02);
  });
});
