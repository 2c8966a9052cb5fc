import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findNativeFfmpeg } from '../../../test/any-ffmpeg.ts';
import { makeWith } from '../../../test/contracts/make-with-ffmpeg.ts';
import type { Log } from '../../domain/log.ts';
import { DEFAULT_PROFILE } from '../../domain/media-tool.ts';
import type { EncodeOptions, EncodeRunOptions, MediaTool, SoundLevel } from '../../domain/media-tool.ts';
import { nativeCommand } from './ffmpeg-command.ts';
import { openMediaTool } from './open-media-tool.ts';

const silent = () => undefined;
const PLAIN: EncodeOptions = { profile: DEFAULT_PROFILE, gainDb: 0, limit: false };
const LIMITED: EncodeOptions = { profile: DEFAULT_PROFILE, gainDb: 14, limit: true };

const VOICE =
  '(0.5+0.5*sin(2*PI*0.7*t))*(0.3+0.7*gt(sin(2*PI*2.3*t),-0.2))' +
  '*(sin(2*PI*180*t)+0.5*sin(2*PI*720*t+3*sin(2*PI*3*t))+0.3*(random(0)-0.5))';

/** Name, formula of each channel, sample rate, codec. */
const SOUNDS: readonly (readonly [name: string, formula: string, rateHz: number, codec: string])[] = [
  ['speech', `0.12*${VOICE}|0.12*${VOICE}`, 44_100, 'flac'],
  ['speech with spikes', `0.02*${VOICE}|0.02*${VOICE}+0.9*lt(mod(t,2),0.01)*sin(2*PI*900*t)`, 44_100, 'flac'],
  ['wide music', `0.3*exp(-6*mod(t,0.5))*sin(2*PI*(110+t)*t)|0.3*sin(2*PI*165*t)`, 44_100, 'pcm_s16le'],
  ['noise, as loud as it gets', '2*random(0)-1|2*random(1)-1', 44_100, 'pcm_s16le'],
  ['faint noise', '0.001*random(0)|0.001*random(1)', 44_100, 'flac'],
  ['one channel at another rate', `0.3*${VOICE}`, 48_000, 'aac'],
  ['silence', '0|0', 44_100, 'flac'],
];

const nativePath = await findNativeFfmpeg();

// The WebAssembly build encodes in one run.
describe.skipIf(nativePath === null)('an encode in sections, side by side', { timeout: 120_000 }, () => {
  const SECONDS = 130.7;
  let dir: string;
  let warnings: string[];
  const log: Log = { debug: silent, info: silent, error: silent, warn: (_, text) => warnings.push(text) };
  const at = (file: string) => join(dir, file);

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    warnings = [];
    await make('speech.flac', SOUNDS[0]?.[1] ?? '', 44_100, 'flac');
  });
  afterAll(() => rm(dir, { recursive: true }));

  const open = (maxRuns: number, ffmpegPath = nativePath ?? ''): Promise<MediaTool> =>
    openMediaTool({ ffmpegPath, searchPath: '', tempDir: dir, maxAudioHours: 1, log, maxRuns });

  async function make(file: string, formula: string, rateHz: number, codec: string): Promise<void> {
    const source = ['-f', 'lavfi', '-i', `aevalsrc='${formula}':s=${rateHz}:d=${SECONDS}`];
    await makeWith(nativeCommand(nativePath ?? ''))([...source, '-c:a', codec], at(file));
  }

  async function encode(
    tool: MediaTool,
    file: string,
    options: EncodeOptions,
    run: EncodeRunOptions = {},
  ): Promise<{ readonly mp3: Buffer; readonly level: SoundLevel | null }> {
    const level = await tool.encode(at(file), at('out.mp3'), options, run);
    const mp3 = await readFile(at('out.mp3'));
    await rm(at('out.mp3'));
    return { mp3, level };
  }

  describe.each(SOUNDS)('%s', (_name, formula, rateHz, codec) => {
    const file = `sound.${codec === 'aac' ? 'm4a' : codec === 'flac' ? 'flac' : 'wav'}`;
    beforeAll(() => make(file, formula, rateHz, codec));
    afterAll(() => rm(at(file)));

    it.each([
      ['as it is', PLAIN],
      ['through the limiter', LIMITED],
    ])('has every byte of an encode in one run, and its level: %s', async (_how, options) => {
      const whole = await encode(await open(1), file, options, { durationMs: SECONDS * 1000 });
      const doneMs: number[] = [];
      const parted = await encode(await open(2), file, options, {
        durationMs: SECONDS * 1000,
        onProgress: (done) => doneMs.push(done),
      });
      expect(parted.mp3.equals(whole.mp3)).toBe(true);
      expect(parted.level?.peak).toBe(whole.level?.peak);
      expect(parted.level?.integratedLufs ?? 0).toBeCloseTo(whole.level?.integratedLufs ?? 0, 9);
      expect(warnings).toEqual([]);
      expect(Math.max(0, ...doneMs)).toBeLessThan(SECONDS * 1000 + 1000);
      expect((await readdir(dir)).sort()).toEqual([file, 'speech.flac'].sort());
    });
  });

  it('has the same bytes when the length was told wrong, but near', async () => {
    const tool = await open(2);
    const { mp3 } = await encode(tool, 'speech.flac', PLAIN);
    for (const durationMs of [121_000, 160_000]) {
      expect((await encode(tool, 'speech.flac', PLAIN, { durationMs })).mp3.equals(mp3)).toBe(true);
    }
    expect(warnings).toEqual([]);
  });

  it.each([PLAIN, LIMITED])(
    'is done in one run, with a warning, when it is much shorter than told',
    async (options) => {
      const tool = await open(2);
      const { mp3 } = await encode(tool, 'speech.flac', options);
      // Below what is long enough to leave a core to others: two sections.
      const told = await encode(tool, 'speech.flac', options, { durationMs: 1_000_000 });
      expect(told.mp3.equals(mp3)).toBe(true);
      expect(warnings.splice(0)).toHaveLength(1);
      expect((await readdir(dir)).sort()).toEqual(['speech.flac']);
    },
  );

  it('is done in one run, with a warning, when both did not make the same of where they meet', async () => {
    const { mp3 } = await encode(await open(1), 'speech.flac', PLAIN);
    // An encoder that makes something else of the second section.
    const other = at('ffmpeg');
    const spoil = `printf x | dd of=${at('out.mp3.1')} bs=1 seek=70000 conv=notrunc`;
    await writeFile(
      other,
      `#!/bin/sh\n${nativePath} "$@" || exit\n[ -e ${at('out.mp3.1')} ] && ${spoil}\nexit 0\n`,
    );
    await chmod(other, 0o755);
    const told = await encode(await open(2, other), 'speech.flac', PLAIN, { durationMs: SECONDS * 1000 });
    await rm(other);
    expect(told.mp3.equals(mp3)).toBe(true);
    expect(warnings.splice(0)).toHaveLength(1);
  });

  it('stops all of it when told to, and leaves no section', async () => {
    const tool = await open(2);
    const stop = new AbortController();
    const run = { durationMs: SECONDS * 1000, signal: stop.signal };
    const encoding = tool.encode(at('speech.flac'), at('out.mp3'), LIMITED, run);
    expect(tool.idleCores()).toBe(0);
    setTimeout(() => stop.abort(), 300);
    await expect(encoding).rejects.toMatchObject({ code: 'aborted' });
    expect(tool.idleCores()).toBe(2);
    await rm(at('out.mp3'), { force: true });
    expect(await readdir(dir)).toEqual(['speech.flac']);
  });

  it('refuses what turns out to be too long in its last section', async () => {
    const limits = { ffmpegPath: nativePath ?? '', searchPath: '', tempDir: dir, log, maxRuns: 2 };
    const tool = await openMediaTool({ ...limits, maxAudioHours: 125 / 3600 });
    const encoding = encode(tool, 'speech.flac', PLAIN, { durationMs: 121_000 });
    await expect(encoding).rejects.toMatchObject({ code: 'too_large' });
    expect(warnings).toEqual([]);
    await rm(at('out.mp3'), { force: true });
  });
});
