import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { connectAndGo, mannersOfLeaving, uploadAndGo } from './aborted-connections.ts';
import { call, upload } from './client.ts';
import { collectGarbage, INSPECTABLE, readProcessState, type ProcessState } from './process-state.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const CONNECTIONS = 10_000;
const AT_ONCE = 50;
/** Longer than a connection that nobody uses is kept. */
const KEPT_ALIVE_MS = 90_000;
/** What the second ten thousand may add; a leak of 1 KB a connection would be 10 MB. */
const HEAP_SLACK_BYTES = 4 * 1024 * 1024;
const RESIDENT_SLACK_BYTES = 24 * 1024 * 1024;
/** At the level of an error, and above. */
const linesOfErrors = ({ output }: Program): string[] =>
  output.stdout.split('\n').filter((line) => /"level":[56]0/.test(line));

describe.runIf(process.platform === 'linux')('connections that break off', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(data.path, { AUTH: 'off', ...INSPECTABLE });
    const wav = new Uint8Array(makeToneWav({ seconds: 60, amplitude: 0.3, sampleRateHz: 8000 }));
    expect((await upload(program.url, 'tone.wav', wav)).status).toBe(201);
    const files = Array.from({ length: 20 }, () => 'tone.mp3');
    const { status } = await call(program.url, '/api/streams/s/queue', { method: 'PUT', json: { files } });
    expect(status).toBe(201);
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  /** As many as there are manners, turn by turn: each manner gets its share. */
  async function breakOff(connections: number): Promise<void> {
    const url = new URL(program.url);
    const path = '/api/streams/s/stream.mp3';
    const manners = Object.values(mannersOfLeaving(path, `${path}?play_mode=endless-shuffle&seed=7`));
    const ways = [
      ...manners.map((manner) => () => connectAndGo(url, manner)),
      () => uploadAndGo(url, 'close'),
      () => uploadAndGo(url, 'reset'),
    ];
    const numbers = Array.from({ length: connections }, (_, number) => number).values();
    const take = async () => {
      for (const number of numbers) await ways[number % ways.length]?.();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, take));
  }

  /** What is held once nothing is open any more that was not open at the start. */
  async function settled(start?: ProcessState): Promise<ProcessState> {
    await collectGarbage(program);
    if (start !== undefined) {
      const { openFiles, openRequests, resources } = start;
      const open = { openFiles, openRequests, resources };
      await expect.poll(() => readProcessState(program), { timeout: 20_000 }).toMatchObject(open);
    }
    return readProcessState(program);
  }

  it('leave no handle, no timer and no memory behind, ten thousand times over', async () => {
    // Until those of the preparation have been idle for long enough to be closed: only the one that asks is left.
    const sockets = async () => (await readProcessState(program)).resources['TCPSocketWrap'];
    await expect.poll(sockets, { timeout: KEPT_ALIVE_MS, interval: 500 }).toBe(1);
    const start = await settled();
    const rounds: ProcessState[] = [];
    for (let round = 0; round < 2; round += 1) {
      const beganAtMs = performance.now();
      await breakOff(CONNECTIONS);
      const tookS = Math.round((performance.now() - beganAtMs) / 1000);
      const state = await settled(start);
      rounds.push(state);
      const mib = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
      process.stdout.write(
        `${CONNECTIONS} connections broken off in ${tookS} s: heap ${mib(state.heapBytes)} MiB, ` +
          `resident ${mib(state.residentBytes)} MiB, ${state.openFiles} files, ` +
          `${JSON.stringify(state.resources)}; at the start ${mib(start.heapBytes)} and ` +
          `${mib(start.residentBytes)} MiB, ${start.openFiles} files, ${JSON.stringify(start.resources)}\n`,
      );
    }
    const [first, second] = rounds as [ProcessState, ProcessState];
    // The first round fills what is bounded: the cache of pieces, compiled code, the allocator's arenas.
    expect(second.heapBytes - first.heapBytes).toBeLessThan(HEAP_SLACK_BYTES);
    expect(second.residentBytes - first.residentBytes).toBeLessThan(RESIDENT_SLACK_BYTES);
    // So many uploads in a minute are more than one address may ask for.
    const count = async () => (await call(program.url, '/api/audio/list')).body['count'];
    await expect.poll(count, { timeout: 70_000, interval: 1000 }).toBe(1);
    // The first is enough to see.
    expect(linesOfErrors(program)[0]).toBeUndefined();
    // Nothing of an upload is left.
    expect(await readdir(join(data.path, 'audio_files', 'uploads'))).toEqual([]);
  });
});
