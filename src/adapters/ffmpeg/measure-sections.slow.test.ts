import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findNativeFfmpeg } from '../../../test/any-ffmpeg.ts';
import { makeWith } from '../../../test/contracts/make-with-ffmpeg.ts';
import { scanMp3 } from '../../audio/mp3-scan.ts';
import type { FrameSpan } from '../../domain/frame-span.ts';
import type { Log } from '../../domain/log.ts';
import type { MediaTool } from '../../domain/media-tool.ts';
import { planDecodeSections } from './decode-sections.ts';
import { nativeCommand } from './ffmpeg-command.ts';
import { openMediaTool } from './open-media-tool.ts';

const silent = () => undefined;
const SOUND =
  "aevalsrc='(0.3+0.3*sin(2*PI*0.05*t))*sin(2*PI*(200+3*t)*t)+0.02*random(0)|0.4*gte(mod(t,7),5)*sin(2*PI*333*t)':s=44100";

const nativePath = await findNativeFfmpeg();

// The WebAssembly build measures in one run.
describe.skipIf(nativePath === null)('an MP3 measured in sections, side by side', { timeout: 60_000 }, () => {
  let dir: string;
  let warnings: string[];
  const log: Log = { debug: silent, info: silent, error: silent, warn: (_, text) => warnings.push(text) };
  const at = (file: string) => join(dir, file);

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    warnings = [];
    await make('plain.mp3', 130, '-b:a', '128k');
  });
  afterAll(() => rm(dir, { recursive: true }));

  const open = (maxRuns: number): Promise<MediaTool> =>
    openMediaTool({
      ffmpegPath: nativePath ?? '',
      searchPath: '',
      tempDir: dir,
      maxAudioHours: 1,
      log,
      maxRuns,
    });

  async function make(file: string, seconds: number, ...codec: string[]): Promise<FrameSpan> {
    const source = ['-f', 'lavfi', '-i', `${SOUND}:d=${seconds}`];
    await makeWith(nativeCommand(nativePath ?? ''))([...source, '-c:a', 'libmp3lame', ...codec], at(file));
    return spanOf(file);
  }

  async function spanOf(file: string): Promise<FrameSpan> {
    const scan = await scanMp3(createReadStream(at(file)));
    if (scan === null || scan.span === null) throw new Error('Something lies between the frames.');
    return scan.span;
  }

  it.each<readonly [what: string, seconds: number, sections: number, codec: readonly string[]]>([
    ['with a reservoir, of a whole number of sections', 120, 2, ['-b:a', '128k']],
    ['without a reservoir, of an odd length', 185.037, 3, ['-b:a', '64k', '-reservoir', '0']],
    ['of low rate, which reaches far back', 123.456, 2, ['-b:a', '32k']],
    ['of variable rate', 121.99, 2, ['-q:a', '4']],
    ['without an Info frame', 130.7, 2, ['-b:a', '128k', '-write_xing', '0']],
  ])('is measured as in one run: %s', async (_what, seconds, sections, codec) => {
    const span = await make('sound.mp3', seconds, ...codec);
    expect(planDecodeSections(span, sections)).toHaveLength(sections);
    const tool = await open(sections);
    const whole = await tool.measureLoudness(at('sound.mp3'));
    const measured = await tool.measureLoudness(at('sound.mp3'), { span });
    expect(measured.integratedLufs).toBeCloseTo(whole.integratedLufs ?? 0, 9);
    expect({ ...measured, integratedLufs: 0 }).toEqual({ ...whole, integratedLufs: 0 });
    expect(warnings).toEqual([]);
  });

  it('keeps to the runs that are free, and leaves what is short in one', async () => {
    const span = await spanOf('plain.mp3');
    expect(planDecodeSections(span, 8)).toHaveLength(2);
    expect(planDecodeSections(span, 1)).toHaveLength(1);
    expect(planDecodeSections({ ...span, decodedSamples: 100 * 44_100 }, 8)).toHaveLength(1);
    expect(planDecodeSections({ ...span, decodedSamples: 44_100 }, 8)).toEqual([]);
    expect(planDecodeSections({ ...span, sampleRateHz: 48_000 }, 8)).toEqual([]);
    const tool = await open(2);
    const measuring = tool.measureLoudness(at('plain.mp3'), { span });
    expect(tool.idleCores()).toBe(0);
    await measuring;
    expect(tool.idleCores()).toBe(2);
  });

  it('is measured whole, with a warning, when the frames are not where the scan says', async () => {
    const span = await spanOf('plain.mp3');
    const tool = await open(2);
    const whole = await tool.measureLoudness(at('plain.mp3'));
    const wrong = { ...span, droppedSamples: span.droppedSamples + 500 };
    expect(await tool.measureLoudness(at('plain.mp3'), { span: wrong })).toEqual(whole);
    expect(warnings.splice(0)).toHaveLength(1);
  });

  it('stops all of it when told to', async () => {
    const span = await spanOf('plain.mp3');
    const tool = await open(2);
    const stop = new AbortController();
    const measuring = tool.measureLoudness(at('plain.mp3'), { span, signal: stop.signal });
    setTimeout(() => stop.abort(), 20);
    await expect(measuring).rejects.toMatchObject({ code: 'aborted' });
    expect(tool.idleCores()).toBe(2);
    // A thread that was stopped takes the next task.
    await expect(tool.measureLoudness(at('plain.mp3'), { span })).resolves.toMatchObject({
      durationMs: 130_000,
    });
  });
});
