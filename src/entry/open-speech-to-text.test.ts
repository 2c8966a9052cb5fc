import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../domain/log.ts';
import { readConfig } from './config.ts';
import { findSpeechToText, openSpeechToText } from './open-speech-to-text.ts';

const logged: unknown[] = [];
const keep = (fields: object, message: string) => logged.push({ ...fields, message });
const log: Log = { debug: keep, info: keep, warn: keep, error: keep };

let dir: string;
beforeEach(async () => {
  logged.length = 0;
  dir = await mkdtemp(join(tmpdir(), 'earshot-'));
  return () => rm(dir, { recursive: true });
});

/** Whatever is installed here: only what the test has put there is found. */
const find = (environment: Record<string, string>) =>
  findSpeechToText(readConfig({ PATH: join(dir, 'bin'), ...environment }, dir), log);

async function install(...files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(join(dir, file, '..'), { recursive: true });
    await writeFile(join(dir, file), '');
    await chmod(join(dir, file), 0o755);
  }
}
const MODEL = ['en-us', 'en-us.lm.bin', 'cmudict-en-us.dict'].map(
  (file) => `share/pocketsphinx/model/en-us/${file}`,
);
const sherpa = ['base-encoder.onnx', 'base-decoder.onnx', 'base-tokens.txt'].map(
  (file) => `whisper-base/${file}`,
);
const OPENAI = { OPENAI_API_KEY: 'sk-nobodys' };
const BUCKET = { S3_AUDIO_BUCKET: 'nobodys', AWS_REGION: 'eu-central-1' };

describe('the engine that hears', () => {
  it('is the best that is there', async () => {
    await install('bin/pocketsphinx', ...MODEL, ...sherpa);
    const sherpaDir = { SHERPA_MODEL_DIR: 'whisper-base' };
    expect((await find({ ...sherpaDir, ...OPENAI, ...BUCKET })).engine?.id).toMatch(
      /^sherpa:whisper-base:[0-9a-f]{8}$/,
    );
    expect((await find({ ...OPENAI, ...BUCKET })).engine?.id).toBe('openai:whisper-1');
    expect((await find({ OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' })).engine?.kind).toBe('openai');
    expect((await find(BUCKET)).engine?.id).toBe('aws:standard');
    expect((await find({})).engine?.id).toBe('pocketsphinx:en-us:single');
  });

  it('is not AWS’s where the bucket is another’s, but for one who says where Transcribe is', async () => {
    const elsewhere = { ...BUCKET, S3_ENDPOINT: 'http://127.0.0.1:1' };
    expect((await find(elsewhere)).engine).toBeNull();
    const said = { ...elsewhere, TRANSCRIBE_ENDPOINT: 'http://127.0.0.1:1' };
    expect((await find(said)).engine?.kind).toBe('aws');
  });

  it('is none when none is there, and the line that gets one is told', async () => {
    expect(await find({})).toEqual({
      engine: null,
      hint: 'sudo apt install pocketsphinx pocketsphinx-en-us',
    });
    const config = readConfig({ PATH: '' }, dir);
    expect(await openSpeechToText(config, log)).toEqual(await find({}));
    expect(logged).toMatchObject([{ message: expect.stringContaining('disabled') as string }]);
    expect(await find({ STT_ENGINE: 'off', ...OPENAI })).toEqual({ engine: null, hint: '' });
  });

  it.each([
    ['pocketsphinx', 'sudo apt install pocketsphinx'],
    ['aws', 'S3_AUDIO_BUCKET=…'],
    ['openai', 'OPENAI_API_KEY'],
    ['sherpa', 'SHERPA_MODEL_DIR'],
  ])('is refused when it is named and not there: %s', async (engine, line) => {
    await expect(async () => find({ STT_ENGINE: engine })).rejects.toThrow(line);
  });

  it('is refused when a directory is named that has no model, whoever else could hear', async () => {
    await expect(async () => find({ SHERPA_MODEL_DIR: 'nowhere', ...OPENAI })).rejects.toThrow(
      /SHERPA_MODEL_DIR: /,
    );
  });

  it('takes a key without the line break of its file, and refuses one that nobody can send', async () => {
    const { speech } = readConfig({ OPENAI_API_KEY: ' sk-nobodys\n' }, dir);
    expect(speech.openAi?.apiKey).toBe('sk-nobodys');
    const broken = () => readConfig({ OPENAI_API_KEY: 'sk-no\nbodys' }, dir);
    expect(broken).toThrow(/OPENAI_API_KEY/);
    expect(broken).not.toThrow(/bodys/);
  });

  it('is logged, without its key', async () => {
    const config = readConfig({ PATH: '', ...OPENAI }, dir);
    await openSpeechToText(config, log);
    expect(logged).toEqual([{ stt: 'openai:whisper-1', message: 'speech is heard by openai' }]);
  });
});
