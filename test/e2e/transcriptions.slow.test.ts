import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOpenAiStandIn, type OpenAiStandIn } from '../servers/openai-stand-in.ts';
import { makeSpokenWav } from '../transcribe-bench.ts';
import { call } from './client.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const REQUESTS = 50;
const USERS = ['anna', 'bert'] as const;
const PASSWORD = 'a good long password';
const FAULTS = [
  { status: 400, error: { message: 'No.', type: 'invalid_request_error' } },
  'malformed',
  'cut',
  { status: 429, headers: { 'retry-after': '1' } },
] as const;
/** Of an MP3 of 48 kbit/s at 16 kHz. */
const FRAME_BYTES = 216;
const FRAME_MS = 36;
/** On both sides of what is said, and what a decoder is late by. */
const AROUND_MS = 2 * 400 + 69;

/** Each as long as no other is, so that what was heard tells whose it was. */
const spokenMs = (number: number): number => 500 + 200 * number;

interface Sent {
  readonly number: number;
  readonly user: (typeof USERS)[number];
  readonly requestId: string;
}

describe('fifty transcriptions, cancelled, failing and killed', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let standIn: OpenAiStandIn;
  let program: Program;
  let temporary: string;
  const tokens = new Map<string, string>();
  let openAtOnce = 0;

  beforeAll(async () => {
    data = await makeDataDirectory();
    temporary = join(data.path, 'system-tmp');
    await mkdir(temporary);
    standIn = await startOpenAiStandIn({
      delayMs: 150,
      handlers: {
        'POST /v1/audio/transcriptions': async ({ headers, body }) => {
          openAtOnce = Math.max(openAtOnce, standIn.open());
          const contentType = headers['content-type'] ?? '';
          const form = await new Response(new Uint8Array(body), {
            headers: { 'content-type': contentType },
          }).formData();
          const file = form.get('file') as File;
          const text = `frames ${Math.round(file.size / FRAME_BYTES)}`;
          const segments = [{ start: 0, end: 0.4, text }];
          return {
            contentType: 'application/json',
            body: JSON.stringify({ language: 'en', duration: 1, text, segments }),
          };
        },
      },
    });
    program = await start();
    const admin = await logIn('admin', PASSWORD);
    for (const username of USERS) {
      const json = { username, password: PASSWORD, is_admin: false };
      const headers = { authorization: `Bearer ${admin}` };
      expect((await call(program.url, '/api/admin/users', { method: 'POST', json, headers })).status).toBe(
        201,
      );
      tokens.set(username, await logIn(username, PASSWORD));
    }
  }, 60_000);

  afterAll(async () => {
    await program.stop();
    await standIn.stop();
    await data.remove();
  });

  const start = () =>
    startProgram(data.path, {
      TMPDIR: temporary,
      ADMIN_PASSWORD: PASSWORD,
      OPENAI_API_KEY: standIn.apiKey,
      OPENAI_BASE_URL: standIn.baseUrl,
      DEBUG_UPLOADS: 'on-error',
    });

  async function logIn(username: string, password: string): Promise<string> {
    const answer = await call(program.url, '/api/user/login', {
      method: 'POST',
      json: { username, password },
    });
    return String(answer.body['token']);
  }

  const as = (user: string) => ({ authorization: `Bearer ${tokens.get(user)}` });

  /** What processes have in the system's directory of temporary files. */
  async function temporaryFiles(): Promise<string[]> {
    const entries = await readdir(temporary, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }

  async function send(number: number): Promise<Sent> {
    const user = USERS[number % 2] ?? 'anna';
    const form = new FormData();
    const endS = 1 + spokenMs(number) / 1000;
    form.set('file', new Blob([Uint8Array.from(makeSpokenWav(endS + 2, [1, endS]))]), `memo-${number}.wav`);
    const answer = await call(program.url, '/api/transcriptions', {
      method: 'POST',
      body: form,
      headers: as(user),
    });
    expect(answer.status).toBe(202);
    return { number, user, requestId: String(answer.body['request_id']) };
  }

  /** Breaks off in the middle of its body. */
  async function sendHalf(): Promise<void> {
    const gone = new AbortController();
    const half = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(
          new TextEncoder().encode(
            '--b\r\ncontent-disposition: form-data; name="file"; filename="x.wav"\r\n\r\n',
          ),
        );
        await setTimeout(50);
        gone.abort();
      },
    });
    const headers = { ...as('anna'), 'content-type': 'multipart/form-data; boundary=b' };
    const options = {
      method: 'POST',
      body: half,
      headers,
      signal: gone.signal,
      duplex: 'half',
    } as RequestInit;
    await fetch(`${program.url}/api/transcriptions`, options).then(
      () => expect.unreachable('It was broken off.'),
      () => undefined,
    );
  }

  it('leave no file behind, and tell nobody of another’s', async () => {
    const sent: Sent[] = [];
    let kills = 0;
    for (let number = 0; number < REQUESTS; number += 1) {
      if (number % 12 === 6) standIn.misbehave(FAULTS[Math.floor(number / 12) % FAULTS.length] ?? 'cut');
      if (number % 12 === 9) await sendHalf();
      const one = await send(number);
      sent.push(one);
      // At another moment each time: before it is claimed, while it is decoded, while it is heard, afterwards.
      await setTimeout((number * 53) % 400);
      if (number % 6 === 3) {
        const path = `/api/requests/${one.requestId}/cancel`;
        const { status } = await call(program.url, path, { method: 'POST', headers: as(one.user) });
        expect([200, 409]).toContain(status);
      }
      if (number % 5 === 4) {
        await program.kill();
        kills += 1;
        program = await start();
        // Work that was taken up again is under way by now, in the directory of the process that runs.
        const files = await temporaryFiles();
        expect(files.filter((path) => !path.includes(`-${program.pid}-`))).toEqual([]);
      }
    }
    expect(kills).toBe(REQUESTS / 5);

    const ends: Record<string, number> = {};
    for (const { number, user, requestId } of sent) {
      const path = `/api/requests/${requestId}`;
      const look = async () => (await call(program.url, path, { headers: as(user) })).body;
      await expect
        .poll(async () => (await look())['status'], { timeout: 60_000 })
        .toMatch(/^(COMPLETED|FAILED|CANCELLED)$/);
      const { status, result, error } = await look();
      ends[String(status)] = (ends[String(status)] ?? 0) + 1;
      if (status === 'COMPLETED') {
        const frames = Number(
          /^frames (\d+)$/.exec(String((result as { transcript: unknown }).transcript))?.[1],
        );
        expect(Math.abs(frames * FRAME_MS - spokenMs(number) - AROUND_MS)).toBeLessThan(100);
      }
      if (status === 'FAILED')
        expect(error).toMatchObject({ code: 'engine_refused', error_type: 'engine_refused' });
      const other = USERS.find((each) => each !== user) ?? '';
      expect((await call(program.url, path, { headers: as(other) })).status).toBe(404);
      expect((await call(program.url, `${path}/result`, { headers: as(other) })).status).toBe(404);
    }
    expect(ends['COMPLETED']).toBeGreaterThan(REQUESTS / 2);
    expect(ends['CANCELLED']).toBeGreaterThan(0);
    expect(ends['FAILED']).toBeGreaterThan(0);
    expect(openAtOnce).toBeLessThanOrEqual(2);

    await expect.poll(temporaryFiles, { timeout: 10_000 }).toEqual([]);
    await program.kill();
    program = await start();
    expect(await temporaryFiles()).toEqual([]);
    const uploads = join(data.path, 'audio_files', 'uploads');
    // Of failures that could be begun anew; sweeps clear those of killed requests after a day.
    const kept = (await readdir(uploads)).length;
    const summary = `${REQUESTS} transcriptions, ${kills} kills: ${JSON.stringify(ends)}`;
    process.stdout.write(`${summary}; uploads kept for a day: ${kept}\n`);
    expect(kept).toBeLessThanOrEqual(ends['FAILED'] ?? 0);
  });
});
