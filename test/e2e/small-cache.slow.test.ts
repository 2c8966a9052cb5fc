import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { call, upload } from './client.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const FILES = 6;
const SECONDS = 240;
const LISTENERS = 24;
const REQUESTS_EACH = 12;
const STREAM = '/api/streams/s/stream.mp3';

let data: Awaited<ReturnType<typeof makeDataDirectory>>;
let program: Program;

beforeAll(async () => {
  data = await makeDataDirectory();
  // Of four pieces, for listeners of some ninety: memory is used again all the time.
  program = await startProgram(data.path, { AUTH: 'off', CACHE_MB: '1' });
  for (let number = 0; number < FILES; number += 1) {
    const tone = { seconds: SECONDS, amplitude: 0.1 + number / 20, sampleRateHz: 8000 };
    expect(
      (await upload(program.url, `${number}.wav`, new Uint8Array(makeToneWav(tone)))).status,
    ).toBeLessThan(300);
  }
  const files = Array.from({ length: FILES }, (_, number) => `${number}.mp3`);
  const { status } = await call(program.url, '/api/streams/s/queue', { method: 'PUT', json: { files } });
  expect(status).toBe(201);
});

afterAll(async () => {
  await program.stop();
  await data.remove();
});

/** The bytes of a range, taken at the pace of `take`; false when it left before the end. */
async function listen(start: number, end: number, take: (heard: Buffer, at: number) => Promise<boolean>) {
  const asked = request(`${program.url}${STREAM}`, { headers: { range: `bytes=${start}-${end - 1}` } }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(206);
  let at = start;
  for await (const chunk of response) {
    if (!(await take(chunk as Buffer, at))) {
      asked.destroy();
      return;
    }
    at += (chunk as Buffer).length;
  }
  expect(at).toBe(end);
}

it('whoever listens, leaves or is slow, all hear the right bytes from a cache that is far too small', async () => {
  const whole = Buffer.from(await (await fetch(`${program.url}${STREAM}`)).arrayBuffer());
  expect(whole.length).toBeGreaterThan(FILES * SECONDS * 15_000);
  const play = async (listener: number) => {
    for (let turn = 0; turn < REQUESTS_EACH; turn += 1) {
      const start = Math.floor(Math.random() * (whole.length - 1));
      const end = Math.min(whole.length, start + 1 + Math.floor(Math.random() * 4_000_000));
      let pauses = listener % 3 === 0 ? 20 : 0;
      await listen(start, end, async (heard, at) => {
        // Compared late: what was sent must not have changed while it waited in the socket.
        if (pauses > 0) {
          pauses -= 1;
          await sleep(20);
        }
        expect(heard.equals(whole.subarray(at, at + heard.length))).toBe(true);
        return listener % 3 !== 1 || Math.random() > 0.05;
      });
    }
  };
  await Promise.all(Array.from({ length: LISTENERS }, (_, listener) => play(listener)));
});
