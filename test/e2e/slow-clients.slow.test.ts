import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { call, upload } from './client.ts';
import { countOpenFiles, readMetric } from './process-state.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const TIMEOUT_S = '3';
const EARLIEST_MS = 2000;
/** What a listener at playing speed takes within the default time, 300 s, is taken within this one. */
const SLOW_BYTES_PER_MS = (16 * 300) / Number(TIMEOUT_S);
/** The request that asks for the metrics is one of them. */
const WITH_OURS = 1;
/** Enough for a machine that has other things to do. */
const LONGER = { timeout: 20_000, interval: 50 };
const STREAM = '/api/streams/s/stream.mp3';

describe('clients that keep the server waiting', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(data.path, {
      AUTH: 'off',
      REQUEST_TIMEOUT_S: TIMEOUT_S,
      STALL_TIMEOUT_S: TIMEOUT_S,
    });
    const wav = new Uint8Array(makeToneWav({ seconds: 60, amplitude: 0.3, sampleRateHz: 8000 }));
    expect((await upload(program.url, 'tone.wav', wav)).status).toBe(201);
    // 30 MB: more than the buffers of a socket hold.
    const files = Array.from({ length: 30 }, () => 'tone.mp3');
    await call(program.url, '/api/streams/s/queue', { method: 'PUT', json: { files } });
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  /** A connection on which these lines were said; what comes back is not read before somebody listens. */
  async function say(...lines: string[]): Promise<Socket> {
    const { hostname, port } = new URL(program.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.on('error', () => undefined).pause();
    socket.write(lines.map((line) => `${line}\r\n`).join(''));
    return socket;
  }

  const host = () => `host: ${new URL(program.url).host}`;

  const openRequests = () => readMetric(program, 'earshot_http_open_requests');

  it('a listener who takes nothing is cut off, and its handles are closed', async () => {
    const idleFiles = await countIfLinux();
    const socket = await say(`GET ${STREAM} HTTP/1.1`, host(), '');
    await expect.poll(openRequests, LONGER).toBe(WITH_OURS + 1);
    const startedAtMs = performance.now();
    await expect.poll(openRequests, LONGER).toBe(WITH_OURS);
    expect(performance.now() - startedAtMs).toBeGreaterThan(EARLIEST_MS);
    await expect.poll(countIfLinux, LONGER).toBeLessThanOrEqual(idleFiles);
    // By a reset: the system holds nothing for it either.
    socket.resume();
    const [error] = (await once(socket, 'error')) as [{ code?: string }];
    expect(error.code).toBe('ECONNRESET');
  });

  const countIfLinux = () => (process.platform === 'linux' ? countOpenFiles(program) : 0);

  it('a listener at playing speed is kept, and gets the right bytes', async () => {
    const whole = new Uint8Array(await (await fetch(program.url + STREAM)).arrayBuffer());
    const socket = await say(`GET ${STREAM} HTTP/1.1`, host(), 'connection: close', '');
    const chunks: Buffer[] = [];
    const startedAtMs = performance.now();
    // For longer than one who takes nothing would be kept.
    for (let takenBytes = 0; performance.now() - startedAtMs < 3 * EARLIEST_MS; await sleep(50)) {
      const dueBytes = Math.floor((performance.now() - startedAtMs) * SLOW_BYTES_PER_MS) - takenBytes;
      const chunk = socket.read(Math.min(dueBytes, socket.readableLength)) as Buffer | null;
      if (chunk === null) continue;
      chunks.push(chunk);
      takenBytes += chunk.length;
    }
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const answer = Buffer.concat(chunks);
    const body = answer.subarray(answer.indexOf('\r\n\r\n') + 4);
    expect(body.length).toBe(whole.length);
    expect(body.equals(whole)).toBe(true);
  });

  it.each<[what: string, lines: () => string[], drip: string, answer: RegExp]>([
    ['the head', () => ['GET /health HTTP/1.1', host()], 'x', /^HTTP\/1\.1 408 /],
    [
      'a body',
      () => [
        'POST /api/streams/s/queue HTTP/1.1',
        host(),
        'content-type: application/json',
        'content-length: 999',
        '',
        '{',
      ],
      ' ',
      /^$/,
    ],
    [
      'an upload',
      () => [
        'POST /api/audio/upload HTTP/1.1',
        host(),
        'content-type: multipart/form-data; boundary=b',
        'content-length: 99999',
        '',
        '--b',
        'content-disposition: form-data; name="file"; filename="drip.wav"',
        '',
        'RIFF',
      ],
      'x',
      /^$/,
    ],
  ])('who sends %s a letter at a time is cut off', async (_what, lines, drip, answer) => {
    const socket = await say(...lines());
    const drips = setInterval(() => socket.write(drip), 200);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1'))).resume();
    const startedAtMs = performance.now();
    await once(socket, 'close');
    clearInterval(drips);
    expect(performance.now() - startedAtMs).toBeGreaterThan(EARLIEST_MS);
    expect(text).toMatch(answer);
    expect((await call(program.url, '/api/audio/list')).body['count']).toBe(1);
  });
});
