import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { call, upload } from './client.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

/** 128 kbit/s. */
const BYTES_PER_MS = 16;
const LISTENED_MS = 30_000;

describe('an endless stream', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(data.path, { AUTH: 'off' });
    const wav = new Uint8Array(makeToneWav({ seconds: 60, amplitude: 0.3, sampleRateHz: 8000 }));
    expect((await upload(program.url, 'tone.wav', wav)).status).toBe(201);
    await call(program.url, '/api/streams/s/queue', { method: 'PUT', json: { files: ['tone.mp3'] } });
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  it('comes at playing speed after a burst of 10 s, within 2 % over 20 s and more', async () => {
    const url = `${program.url}/api/streams/s/stream.mp3?play_mode=loop`;
    const [answer] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
    const startedAtMs = performance.now();
    let heardBytes = 0;
    const arrivals: { atMs: number; heardMs: number }[] = [];
    for await (const chunk of answer as AsyncIterable<Uint8Array>) {
      heardBytes += chunk.length;
      const atMs = performance.now() - startedAtMs;
      // What comes together counts once, with all of it.
      const last = arrivals.at(-1);
      if (last !== undefined && atMs - last.atMs < 300) last.heardMs = heardBytes / BYTES_PER_MS;
      else arrivals.push({ atMs, heardMs: heardBytes / BYTES_PER_MS });
      if (atMs > LISTENED_MS) break;
    }
    const burst = arrivals[0];
    // From one arrival that was waited for to another: a chunk always comes whole.
    const paced = arrivals.filter(({ atMs }) => atMs > 2500);
    const [first, last] = [paced[0], paced.at(-2)];
    if (burst === undefined || first === undefined || last === undefined) throw new Error('It did not play.');
    expect(burst.heardMs).toBeGreaterThanOrEqual(10_000);
    expect(burst.heardMs).toBeLessThan(12_500);
    expect(last.atMs - first.atMs).toBeGreaterThan(20_000);
    const speed = (last.heardMs - first.heardMs) / (last.atMs - first.atMs);
    process.stdout.write(`speed ${speed.toFixed(4)}\n`);
    expect(speed).toBeGreaterThan(0.98);
    expect(speed).toBeLessThan(1.02);
  });
});
