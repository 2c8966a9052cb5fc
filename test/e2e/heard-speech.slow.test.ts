import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const STORY = 'Once upon a time there was a hare, and the hare was quick. The hedgehog thought instead. ';

describe('speech on a fresh machine', { timeout: 300_000 }, () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;
  const start = async () => {
    program = await startProgram(data.path, { AUTH: 'off' });
  };
  const ask = async (path: string, body?: Record<string, unknown>, prefer = '') => {
    const response = await fetch(`${program.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', ...(prefer !== '' && { prefer }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const until = async (requestId: string, isMeant: (request: Record<string, unknown>) => boolean) => {
    for (;;) {
      const { body } = await ask(`/api/requests/${requestId}`);
      if (isMeant(body)) return body;
      expect(['PENDING', 'PROCESSING', 'RETRYING']).toContain(body['status']);
      await setTimeout(50);
    }
  };
  beforeEach(async () => {
    data = await makeDataDirectory();
    await start();
  });
  afterEach(async () => {
    await program.stop();
    await data.remove();
  });

  it('makes a text a file that plays and is found by its words', async () => {
    const order = {
      filename: 'hare',
      text: 'Once upon a time there was a hare.',
      voice: 'en-US',
      title: 'The hare',
    };
    const { status, body } = await ask('/api/audio/generate-tts', order, 'wait=30');
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body['result']).toMatchObject({ filename: 'hare.mp3', characters: 34 });
    const sound = await fetch(`${program.url}/api/audio/hare.mp3`);
    expect(sound.headers.get('content-type')).toBe('audio/mpeg');
    expect((await sound.arrayBuffer()).byteLength).toBeGreaterThan(10_000);
    const { body: info } = await ask('/api/audio/hare.mp3/info');
    expect(info).toMatchObject({
      title: 'The hare',
      transcript: { status: 'completed', has_transcript: true },
    });
  });

  it('begins again after it was killed, and leaves no half of a file', async () => {
    const order = { filename: 'long', text: STORY.repeat(800) };
    const { body } = await ask('/api/audio/generate-tts', order);
    const requestId = String(body['request_id']);
    await until(requestId, ({ progress }) => Number(progress) > 5);
    await program.kill();
    await start();
    const ended = await until(requestId, ({ status }) => status === 'COMPLETED' || status === 'FAILED');
    expect(ended).toMatchObject({ status: 'COMPLETED', retry_count: 0 });
    const { body: info } = await ask('/api/audio/long.mp3/info');
    expect(info['state']).toBe('ready');
    expect(Number(info['duration'])).toBeGreaterThan(2000);
    expect(await readdir(join(data.path, 'audio_files', 'uploads'))).toEqual([]);
    const left = await readdir(join(data.path, 'tmp'), { recursive: true });
    expect(left.filter((name) => name.includes('speech'))).toEqual([]);
  });
});
