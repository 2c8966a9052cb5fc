import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call } from '../e2e/client.ts';
import { makeDataDirectory, startProgram, type Program } from '../e2e/program.ts';
import { startOpenAiStandIn, type OpenAiStandIn } from '../servers/openai-stand-in.ts';
import { transcriptionHandlers } from '../servers/openai-transcriptions.ts';
import { makeSpokenWav } from '../transcribe-bench.ts';
import { flySettings } from './fly-settings.ts';

const PASSWORD = 'a good long password';

let data: Awaited<ReturnType<typeof makeDataDirectory>>;
let standIn: OpenAiStandIn;
let program: Program;

beforeAll(async () => {
  data = await makeDataDirectory();
  standIn = await startOpenAiStandIn({
    handlers: transcriptionHandlers({
      segments: [{ start: 0, end: 0.5, text: 'Good night.' }],
      language: 'en',
      asked: [],
    }),
  });
  program = await startProgram(data.path, {
    ...flySettings,
    ADMIN_PASSWORD: PASSWORD,
    JWT_SECRET: 'x'.repeat(48),
    OPENAI_BASE_URL: standIn.baseUrl,
    OPENAI_API_KEY: standIn.apiKey,
  });
});

afterAll(async () => {
  await program.stop();
  await standIn.stop();
  await data.remove();
});

it('tells that streams do not stay', async () => {
  const { status, body } = await call(program.url, '/ready');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    checks: { streams: { kind: 'memory', persistent: false }, speech: { stt: { kind: 'openai' } } },
  });
});

it('hears a recording, and does not keep it', async () => {
  const login = { username: 'admin', password: PASSWORD };
  const { body: session } = await call(program.url, '/api/user/login', { method: 'POST', json: login });
  const form = new FormData();
  form.set('file', new Blob([Uint8Array.from(makeSpokenWav(3, [1, 2]))]), 'night.wav');
  const { status, body } = await call(program.url, '/api/transcriptions', {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${String(session['token'])}`, prefer: 'wait=30' },
  });
  expect([status, JSON.stringify(body)]).toEqual([200, expect.stringContaining('Good night.')]);
  // Let go of once the request has ended, of which the client is told first.
  await expect.poll(keptFiles, { timeout: 5000 }).toEqual([]);
});

/** Of the store: all but what was heard, which stays so that it is not paid for twice. */
function keptFiles(): string[] {
  const entries = readdirSync(join(data.path, 'audio_files'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('heard'))
    .map(({ name }) => name);
}
