import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request as startRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uploadAndGo } from './aborted-connections.ts';
import { call, fixture } from './client.ts';
import { readProcessState, type ProcessState } from './process-state.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const UPLOADS = 500;
const AT_ONCE = 5;

describe.runIf(process.platform === 'linux')('hundreds of uploads', () => {
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

  async function held(): Promise<Pick<ProcessState, 'openFiles' | 'resources'>> {
    const { openFiles, resources } = await readProcessState(program);
    return { openFiles, resources };
  }

  /** What is held once it has been the same for three seconds: an upload that was just answered has timers yet. */
  async function heldAtRest(): ReturnType<typeof held> {
    let state = await held();
    for (let same = 0; same < 3;) {
      await setTimeout(1000);
      const next = await held();
      same = isDeepStrictEqual(next, state) ? same + 1 : 0;
      state = next;
    }
    return state;
  }

  /** Over a connection that is gone afterwards. @returns the status */
  async function send(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<number | undefined> {
    const form = new FormData();
    form.set('file', new Blob([bytes]), name);
    const encoded = new Response(form);
    const headers = { 'content-type': encoded.headers.get('content-type') ?? '', prefer: 'wait=30' };
    const options = { method: 'POST', agent: false as const, headers };
    const request = startRequest(`${program.url}/api/audio/upload`, options);
    request.end(new Uint8Array(await encoded.arrayBuffer()));
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    await text(answer);
    return answer.statusCode;
  }

  it('taken in, known already, refused or broken off, leave no handle and no file behind', async () => {
    const audio = await fixture('fits.mp3');
    const distinct = (number: number) => new Uint8Array([...audio, number & 255, number >> 8]);
    expect(await send('first.mp3', audio)).toBe(201);
    const before = await heldAtRest();
    const statuses: Record<string, number> = {};
    const numbers = Array.from({ length: UPLOADS }, (_, number) => number).values();
    const sendMany = async () => {
      for (const number of numbers) {
        const kind = number % 20;
        if (kind < 5) {
          await uploadAndGo(new URL(program.url), kind % 2 === 0 ? 'close' : 'reset');
          continue;
        }
        const bytes = kind === 5 ? distinct(number) : kind < 12 ? new Uint8Array(5000) : audio;
        const status = String(await send(`file-${number}.mp3`, bytes));
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sendMany));
    expect(statuses).toEqual({ 200: UPLOADS * 0.4, 201: UPLOADS * 0.05, 415: UPLOADS * 0.3 });
    await expect.poll(held, { timeout: 20_000 }).toEqual(before);
    const temporary = await readdir(join(data.path, 'tmp'), { recursive: true, withFileTypes: true });
    expect(temporary.filter((entry) => entry.isFile() && entry.name.startsWith('upload-'))).toEqual([]);
    expect(await readdir(join(data.path, 'audio_files', 'uploads'))).toEqual([]);
    const page = await call(program.url, '/api/audio/list?limit=200');
    expect(page.body['count']).toBe(1 + UPLOADS * 0.05);
  });
});
