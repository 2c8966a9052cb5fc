import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fakeModel, writeFakeSherpa } from '../../../test/fake-sherpa.ts';
import { silentPcm, writePiece } from '../../../test/spoken-audio.ts';
import type { Log } from '../../domain/log.ts';
import type { SpeechToTextOptions } from '../../domain/speech-to-text.ts';
import { findSherpaModel } from './sherpa-model.ts';
import { createSherpa, type SherpaOptions } from './sherpa-speech-to-text.ts';

const logged: unknown[] = [];
const keep = (fields: object, message: string) => logged.push({ ...fields, message });
const log: Log = { debug: keep, info: keep, warn: keep, error: keep };

let dir: string;
let addon: string;
const at = (...path: string[]) => join(dir, ...path);
beforeEach(async () => {
  logged.length = 0;
  dir = await mkdtemp(join(tmpdir(), 'earshot-'));
  addon = await writeFakeSherpa(dir);
  return () => rm(dir, { recursive: true });
});

const noise = (durationMs: number) => Buffer.from(silentPcm(durationMs)).fill('a sound');

/** @param name what the addon that stands for sherpa-onnx is to do */
async function hear(
  name: string,
  pcm: readonly Buffer[] = [noise(2000)],
  options: Partial<SpeechToTextOptions & Pick<SherpaOptions, 'startLimitMs'>> = {},
) {
  const piece = await writePiece(at('piece.wav'), ...pcm);
  const { startLimitMs, ...rest } = options;
  return createSherpa({ model: fakeModel(name), log, addon, startLimitMs }).transcribe(piece.path, {
    durationMs: piece.durationMs,
    signal: new AbortController().signal,
    ...rest,
  });
}

async function makeModel(name: string, files: readonly string[]): Promise<string> {
  await mkdir(at(name));
  for (const file of files) await writeFile(at(name, file), 'no model at all');
  return at(name);
}

describe('sherpa-onnx', () => {
  it('is given stretches that it can take, cut in pauses, and none that is silent', async () => {
    const doneMs: number[] = [];
    const pcm = [silentPcm(4000), noise(11_000), silentPcm(500), noise(10_000), silentPcm(25_000)];
    const { segments } = await hear('untimed', pcm, { onProgress: (ms) => doneMs.push(Math.round(ms)) });
    expect(segments.map(({ text }) => text)).toEqual([
      'It is heard.',
      expect.stringMatching(/^For 15\.\d seconds\.$/),
      'It is heard.',
      expect.stringMatching(/ seconds\.$/),
    ]);
    expect(doneMs[0]).toBeGreaterThan(15_000);
    expect(doneMs[0]).toBeLessThan(15_500);
    expect(doneMs.at(-1)).toBe(50_500);
    expect(segments[2]?.startMs).toBe(doneMs[0]);
  });

  it('tells when words are spoken, and in which language, where the model does', async () => {
    expect(await hear('timed')).toEqual({
      segments: [
        { startMs: 0, endMs: 900, text: 'It is heard.' },
        { startMs: 900, endMs: 1900, text: 'For 2.0 seconds.' },
      ],
    });
    expect((await hear('untimed')).language).toBe('de');
    expect((await hear('timed', undefined, { language: 'fr-CH' })).language).toBe('fr');
  });

  it('understands what its model is made for', async () => {
    const refused = hear('sherpa-onnx-whisper-tiny.en', undefined, { language: 'de' });
    await expect(refused).rejects.toMatchObject({ code: 'engine_refused' });
    const unknown = hear('foreign', undefined, { language: 'xx' });
    await expect(unknown).rejects.toMatchObject({ code: 'engine_refused' });
    await writeFile(at('text.wav'), 'no sound');
    const unread = createSherpa({ model: fakeModel('timed'), log, addon }).transcribe(at('text.wav'), {
      durationMs: 1,
      signal: new AbortController().signal,
    });
    await expect(unread).rejects.toMatchObject({ code: 'unsupported_media' });
  });

  it('ends alone when it crashes, hangs, or nobody waits for it', async () => {
    await expect(hear('abort')).rejects.toMatchObject({ code: 'engine_unavailable' });
    expect(logged).toMatchObject([{ signal: 'SIGABRT' }]);
    await expect(hear('throw')).rejects.toMatchObject({ code: 'tool_unavailable' });
    const late = hear('hang', [noise(10)], { startLimitMs: 1500 });
    await expect(late).rejects.toMatchObject({ code: 'engine_timeout' });
    const stopped = hear('hang', undefined, { signal: AbortSignal.timeout(1000) });
    await expect(stopped).rejects.toMatchObject({ code: 'aborted' });
  });

  it('says of the real one that it cannot use a broken model', async () => {
    const found = await findSherpaModel(
      await makeModel('sherpa-onnx-whisper-tiny', [
        'tiny-encoder.onnx',
        'tiny-decoder.onnx',
        'tiny-tokens.txt',
      ]),
    );
    if ('problem' in found) throw new Error(found.problem);
    await writeFile(found.model.tokens, 'a 0\n');
    const piece = await writePiece(at('piece.wav'), noise(1000));
    const broken = createSherpa({ model: found.model, log }).transcribe(piece.path, {
      durationMs: piece.durationMs,
      signal: new AbortController().signal,
    });
    await expect(broken).rejects.toMatchObject({ code: 'tool_unavailable' });
    // It was the addon that said so, not the lack of it.
    expect(JSON.stringify(logged)).toMatch(/Load model .* failed|Protobuf/);
  });
});

describe('findSherpaModel', () => {
  it.each([
    ['whisper', 'sherpa-onnx-whisper-base', ['base-encoder.onnx', 'base-decoder.onnx', 'base-tokens.txt']],
    [
      'transducer',
      'zipformer',
      ['encoder-epoch-99.onnx', 'decoder-epoch-99.onnx', 'joiner-epoch-99.onnx', 'tokens.txt'],
    ],
    [
      'moonshine',
      'moonshine-tiny',
      ['preprocess.onnx', 'encode.onnx', 'uncached_decode.onnx', 'cached_decode.onnx', 'tokens.txt'],
    ],
    ['senseVoice', 'sherpa-onnx-sense-voice-zh-en', ['model.onnx', 'tokens.txt']],
    ['paraformer', 'sherpa-onnx-paraformer-zh', ['model.onnx', 'tokens.txt']],
    ['nemoCtc', 'sherpa-onnx-nemo-fast-conformer-ctc', ['model.onnx', 'tokens.txt']],
  ])('knows %s by the names of its files', async (kind, name, files) => {
    const directory = await makeModel(name, [...files, 'README.md', 'model.int8.onnx.md']);
    expect(await findSherpaModel(directory)).toMatchObject({
      model: { kind, name, tokens: join(directory, files.at(-1) ?? '') },
    });
  });

  it('prefers the smaller of two', async () => {
    const directory = await makeModel('sense-voice', ['model.onnx', 'model.int8.onnx', 'tokens.txt']);
    const files = { model: join(directory, 'model.int8.onnx') };
    expect(await findSherpaModel(directory)).toMatchObject({ model: { files } });
  });

  it('tells one model from another in the same place: what was heard with the first is not of the second', async () => {
    const directory = await makeModel('sense-voice', ['model.onnx', 'tokens.txt']);
    const versions: unknown[] = [];
    for (const content of ['a model', 'a larger model']) {
      await writeFile(join(directory, 'model.onnx'), content);
      for (let time = 0; time < 2; time++) {
        const found = await findSherpaModel(directory);
        if ('problem' in found) throw new Error(found.problem);
        versions.push(createSherpa({ model: found.model, log }).id);
      }
    }
    expect(versions[0]).toBe(versions[1]);
    expect(versions[2]).toBe(versions[3]);
    expect(versions[0]).not.toBe(versions[2]);
  });

  it.each([
    ['tokens.txt is missing', 'a', ['encoder.onnx', 'decoder.onnx', 'joiner.onnx']],
    ['only base-encoder.onnx', 'b', ['base-encoder.onnx', 'tokens.txt']],
    ['no .onnx files', 'c', ['README.md']],
    ['must keep the name', 'd', ['model.onnx', 'tokens.txt']],
    ['streaming model', 'e', ['encoder-epoch-99-avg-1-chunk-16-left-128.onnx', 'tokens.txt']],
  ])('says what is wrong: %s', async (problem, name, files) => {
    expect(await findSherpaModel(await makeModel(name, files))).toEqual({
      problem: expect.stringContaining(problem) as string,
    });
  });

  it('says that there is no such directory', async () => {
    expect(await findSherpaModel(at('nowhere'))).toEqual({
      problem: expect.stringContaining('no such directory') as string,
    });
  });
});
