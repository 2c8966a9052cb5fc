import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { readConfig } from './config.ts';
import { openTextToSpeech } from './open-text-to-speech.ts';

describe('openTextToSpeech', () => {
  const { log } = createMemoryPorts();
  const bucket = { S3_AUDIO_BUCKET: 'audio', AWS_REGION: 'eu-central-1' };

  it.each([
    ['eSpeak where nothing is set', {}, 'espeak'],
    ['OpenAI with a key', { OPENAI_API_KEY: 'sk-1', ...bucket }, 'openai'],
    ['OpenAI’s protocol with an address', { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }, 'openai'],
    ['Polly beside a bucket of AWS', bucket, 'polly'],
    ['eSpeak beside a bucket of others', { ...bucket, S3_ENDPOINT: 'http://127.0.0.1:1' }, 'espeak'],
    ['Polly at an address', { POLLY_ENDPOINT: 'http://127.0.0.1:1' }, 'polly'],
    ['what is named', { TTS_ENGINE: 'espeak', OPENAI_API_KEY: 'sk-1' }, 'espeak'],
  ])('takes %s', async (_what, env, kind) => {
    const told: unknown[] = [];
    const listening = { ...log, info: (fields: unknown) => void told.push(fields) };
    const engine = await openTextToSpeech(readConfig(env, '/'), listening);
    expect(engine?.kind).toBe(kind);
    expect(told).toEqual([expect.objectContaining({ kind })]);
  });

  it('takes none with off', async () => {
    expect(await openTextToSpeech(readConfig({ TTS_ENGINE: 'off' }, '/'), log)).toBeNull();
  });

  it('loads nothing of an engine that is not taken: of AWS’s SDK most servers have no need', async () => {
    const module = new URL('open-text-to-speech.ts', import.meta.url).href;
    const program = `
      const { openTextToSpeech } = await import(${JSON.stringify(module)});
      const { createRequire } = await import('node:module');
      const log = { info() {} };
      for (const speech of [{ ttsEngine: 'auto', openAi: null }, { ttsEngine: 'polly', awsRegion: 'eu-central-1' }]) {
        await openTextToSpeech({ speech, audioBucket: null }, log);
        const loaded = Object.keys(createRequire(${JSON.stringify(module)}).cache);
        console.log(loaded.some((path) => path.includes('@aws-sdk')));
      }`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    expect(stdout.trim().split('\n')).toEqual(['false', 'true']);
  });

  it('says what Polly needs', async () => {
    await expect(openTextToSpeech(readConfig({ TTS_ENGINE: 'polly' }, '/'), log)).rejects.toThrow(
      'AWS_REGION',
    );
  });
});
