import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './client.ts';
import { makeDataDirectory, startServer, type Program } from './program.ts';

describe('what the operator is told', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startServer(data.path, { AUTH: 'off', TTS_ENGINE: 'espeak', STT_ENGINE: 'off' });
  });
  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  const diagnose = async () => {
    const { status, body } = await call(program.url, '/api/admin/diagnosis');
    expect(status).toBe(200);
    const checks = body['checks'] as { name: string; status: string; detail: string }[];
    return { body, checks: Object.fromEntries(checks.map(({ name, ...found }) => [name, found])) };
  };

  it('is what doctor says, of the server that runs', async () => {
    const { body, checks } = await diagnose();
    expect(body).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string });
    expect(Object.keys(checks)).toEqual([
      'node',
      'temporary_files',
      'ffmpeg',
      'speech_to_text',
      'text_to_speech',
      'audio',
      'records',
      'streams',
      'space',
      'access',
    ]);
    expect(checks).toMatchObject({
      node: { status: 'ok' },
      ffmpeg: { status: 'ok', detail: expect.stringContaining('ffmpeg ') as string },
      speech_to_text: { status: 'ok', detail: 'speech is not transcribed (STT_ENGINE=off)' },
      text_to_speech: { status: 'ok', detail: expect.stringContaining('espeak') as string },
      records: { status: 'ok', detail: `database ${join(data.path, 'earshot.db')}` },
      streams: { status: 'ok', detail: `stream definitions in ${join(data.path, 'streams')}` },
      access: { status: 'warning' },
    });
    expect(body['status']).toBe('warning');
  });

  it('says what has gone wrong since', async () => {
    const audio = join(data.path, 'audio_files');
    await rm(audio, { recursive: true });
    // What is no directory cannot be made one, also by root.
    await writeFile(audio, '');
    try {
      const { body, checks } = await diagnose();
      expect(body['status']).toBe('failed');
      expect(checks['audio']).toMatchObject({
        status: 'failed',
        detail: expect.stringMatching(/cannot be written .* Set AUDIO_FILES_DIR\.$/) as string,
      });
    } finally {
      await rm(audio);
    }
  });
});
