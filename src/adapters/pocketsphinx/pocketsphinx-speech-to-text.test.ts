import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  findInstalledPocketsphinx,
  findEngine,
  silentPcm,
  speakPcm,
  wordErrorRate,
  writePiece,
} from '../../../test/spoken-audio.ts';
import type { Log } from '../../domain/log.ts';
import type { SpeechToText, SpeechToTextOptions } from '../../domain/speech-to-text.ts';
import { findPocketsphinx } from './find-pocketsphinx.ts';
import { createPocketsphinx } from './pocketsphinx-speech-to-text.ts';

const logged: unknown[] = [];
const keep = (fields: object, message: string) => logged.push({ ...fields, message });
const log: Log = { debug: keep, info: keep, warn: keep, error: keep };

const installed = await findInstalledPocketsphinx();
const canHear = installed.model !== null && findEngine('flite') !== null;

let dir: string;
const at = (name: string) => join(dir, name);
beforeEach(async () => {
  logged.length = 0;
  dir = await mkdtemp(join(tmpdir(), 'earshot-'));
  return () => rm(dir, { recursive: true });
});

const hear = async (
  engine: SpeechToText,
  piece: { path: string; durationMs: number },
  options: Partial<SpeechToTextOptions> = {},
) =>
  engine.transcribe(piece.path, {
    durationMs: piece.durationMs,
    signal: new AbortController().signal,
    ...options,
  });

describe.skipIf(!canHear)('pocketsphinx, on real speech', () => {
  const engine = () => {
    const { program, model } = installed;
    if (program === null || model === null) throw new Error('There is no pocketsphinx.');
    return createPocketsphinx({ program, model, log });
  };
  const SENTENCES = [
    ['rms', 'The old man told the children a story about a king who lived in the mountains.'],
    ['kal16', 'In the evening they went home and had some bread and water.'],
    ['rms', 'She had a small house near the river.'],
  ] as const;

  it('hears what is said, and when', async () => {
    const pcm: Buffer[] = [];
    const startsMs: number[] = [];
    for (const [voice, text] of SENTENCES) {
      pcm.push(silentPcm(2000));
      startsMs.push(pcm.reduce((sum, { length }) => sum + length / 32, 0));
      pcm.push(await speakPcm(text, at('voice.wav'), voice));
    }
    const piece = await writePiece(at('speech.wav'), ...pcm);
    const { segments, language } = await hear(engine(), piece, { language: 'en-GB' });
    const said = SENTENCES.map(([, text]) => text).join(' ');
    const heard = segments.map(({ text }) => text).join(' ');
    expect(wordErrorRate(said, heard)).toBeLessThan(0.2);
    expect(language).toBe('en');
    expect(heard).not.toMatch(/[<>[\]()]/);
    // Each sentence begins with a segment of its own, where it is spoken.
    for (const startMs of startsMs) {
      const offMs = Math.min(...segments.map((segment) => Math.abs(segment.startMs - startMs)));
      expect(offMs).toBeLessThan(500);
    }
  });

  it('understands English only, and WAV only', async () => {
    const piece = await writePiece(at('silence.wav'), silentPcm(500));
    await expect(hear(engine(), piece, { language: 'de-CH' })).rejects.toMatchObject({
      code: 'engine_refused',
      message: expect.stringContaining('English') as string,
    });
    await writeFile(at('text.wav'), 'no sound at all, only these words');
    await expect(hear(engine(), { path: at('text.wav'), durationMs: 1000 })).rejects.toMatchObject({
      code: 'unsupported_media',
    });
  });
});

describe('a pocketsphinx that does not do what it should', () => {
  /** @param script of a shell that stands for the program */
  async function open(script: string, startLimitMs?: number): Promise<SpeechToText> {
    await writeFile(at('pocketsphinx'), `#!/bin/sh\necho $$ > ${at('pid')}\n${script}\n`);
    await chmod(at('pocketsphinx'), 0o755);
    const model = { acoustic: at('a'), language: at('l'), dictionary: at('d') };
    return createPocketsphinx({
      program: { path: at('pocketsphinx'), flavour: 'continuous' },
      model,
      log,
      startLimitMs,
    });
  }
  const piece = () => writePiece(at('piece.wav'), silentPcm(100));
  const isRunning = async () => {
    const pid = Number(await readFile(at('pid'), 'utf8'));
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('is killed when it does not get through in time', async () => {
    const hanging = await open('while :; do /bin/sleep 0.01; done', 300);
    await expect(hear(hanging, await piece())).rejects.toMatchObject({ code: 'engine_timeout' });
    expect(await isRunning()).toBe(false);
  });

  it('is killed when nobody waits for it', async () => {
    const hanging = await open('trap "" TERM; while :; do /bin/sleep 0.01; done');
    const stopped = hear(hanging, await piece(), { signal: AbortSignal.timeout(300) });
    await expect(stopped).rejects.toMatchObject({ code: 'aborted' });
    expect(await isRunning()).toBe(false);
  });

  it('is not waited for when it has left somebody behind who holds its output', async () => {
    const wrapper = await open('/bin/sleep 5; echo "she 0.010 0.090 1.0"');
    const before = performance.now();
    const stopped = hear(wrapper, await piece(), { signal: AbortSignal.timeout(300) });
    await expect(stopped).rejects.toMatchObject({ code: 'aborted' });
    expect(performance.now() - before).toBeLessThan(3000);
  });

  it('is unavailable when it fails or crashes, and the log has why', async () => {
    for (const script of ['echo "ERROR: no model" >&2; exit 1', 'kill -SEGV $$']) {
      const failing = hear(await open(script), await piece());
      await expect(failing).rejects.toMatchObject({ code: 'engine_unavailable' });
    }
    expect(logged).toMatchObject([{ exitCode: 1, errors: ['ERROR: no model'] }, { signal: 'SIGSEGV' }]);
  });

  it('is given nothing of the environment, and may print as much as it likes', async () => {
    const chatty = await open(
      `/usr/bin/env > ${at('environment')}; i=0; while [ $i -lt 3000 ]; do echo "INFO: a line of the log, which nobody reads" >&2; i=$((i+1)); done; echo "she 0.010 0.090 1.0"; echo "</s> 0.09 0.10 1.0"`,
    );
    expect((await hear(chatty, await piece())).segments).toEqual([{ startMs: 10, endMs: 90, text: 'she' }]);
    const names = (await readFile(at('environment'), 'utf8')).match(/^\w+(?==)/gm) ?? [];
    expect(names.filter((name) => !['LC_ALL', 'PWD', 'SHLVL', '_', 'OLDPWD'].includes(name))).toEqual([]);
  });
});

describe('findPocketsphinx', () => {
  async function install(path: string): Promise<void> {
    await mkdir(join(at(path), '..'), { recursive: true });
    await writeFile(at(path), '');
    await chmod(at(path), 0o755);
  }

  it('takes the newer program, and the model beside it', async () => {
    await install('bin/pocketsphinx_continuous');
    const searchPath = ['', at('nowhere'), at('bin')].join(delimiter);
    const older = { path: at('bin/pocketsphinx_continuous'), flavour: 'continuous' };
    expect(await findPocketsphinx(searchPath, [])).toEqual({ program: older, model: null });

    await install('bin/pocketsphinx');
    const directory = 'share/pocketsphinx/model/en-us';
    for (const name of ['en-us', 'en-us.lm.bin', 'cmudict-en-us.dict']) await install(`${directory}/${name}`);
    const model = {
      acoustic: at(`${directory}/en-us`),
      language: at(`${directory}/en-us.lm.bin`),
      dictionary: at(`${directory}/cmudict-en-us.dict`),
    };
    const newer = { path: at('bin/pocketsphinx'), flavour: 'single' };
    expect(await findPocketsphinx(searchPath, [])).toEqual({ program: newer, model });
    expect(await findPocketsphinx(at('nowhere'), [at('share')])).toEqual({ program: null, model: null });
  });
});
