import type { Loudness, MeasureOptions, MediaToolOptions } from '../../domain/media-tool.ts';
import type { DecodeSection } from './decode-sections.ts';
import type { SoundRest } from './measure-task.ts';
import type { MeasureRun, MeasureRunOptions } from './measure-threads.ts';
import { SectionMerge } from './section-merge.ts';
import { runSideBySide } from './side-by-side.ts';
import { METER_RATE_HZ } from './sound-summary.ts';

/** All that there is, in one run. */
const WHOLE = { runInStretches: 0, stretches: Infinity };

type MeteredSection = Pick<DecodeSection, 'runInStretches' | 'stretches'>;

type RunSection<Section> = (section: Section, options: MeasureRunOptions) => Promise<MeasureRun>;

/** Measures a sound in one run. */
export async function measureWhole(
  run: (options: MeasureRunOptions) => Promise<MeasureRun>,
  options: MeasureOptions,
): Promise<Loudness> {
  const { merge, rests } = await runAll([WHOLE], (_, each) => run(each), options);
  merge.end(rests);
  return summarize(merge, rests);
}

/**
 * Measures a sound section by section, side by side.
 * @returns null when the sections do not fit together
 */
export async function measureSections<Section extends MeteredSection>(
  sections: readonly Section[],
  run: RunSection<Section>,
  options: MeasureOptions,
): Promise<Loudness | null> {
  const { merge, rests } = await runAll(sections, run, options);
  return merge.end(rests) ? summarize(merge, rests) : null;
}

async function runAll<Section extends MeteredSection>(
  sections: readonly Section[],
  run: RunSection<Section>,
  options: MeasureOptions,
) {
  const merge = new SectionMerge(sections);
  const runSection = async (section: Section, each: MediaToolOptions, index: number) => {
    const onReadings = (readings: Float64Array) => {
      merge.add(index, readings);
      options.onReading?.(merge.summary.level(), merge.summary.doneMs);
    };
    return (await run(section, { ...each, onReadings })).rest;
  };
  return { merge, rests: await runSideBySide(sections, runSection, options) };
}

function summarize(merge: SectionMerge, rests: readonly SoundRest[]): Loudness {
  const { summary } = merge;
  const restMs = ((rests.at(-1)?.moments ?? 0) * 1000) / METER_RATE_HZ;
  return {
    ...summary.level(),
    durationMs: summary.doneMs + restMs,
    waveform: summary.finishWaveform(),
  };
}
