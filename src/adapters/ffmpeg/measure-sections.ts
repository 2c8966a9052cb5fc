import type { Loudness, MeasureOptions } from '../../domain/media-tool.ts';
import type { DecodeSection } from './decode-sections.ts';
import type { SoundRest } from './measure-task.ts';
import type { MeasureRun, MeasureRunOptions } from './measure-threads.ts';
import { SectionMerge } from './section-merge.ts';
import { METER_RATE_HZ } from './sound-summary.ts';

/** All that there is, in one run. */
const WHOLE = { runInStretches: 0, stretches: Infinity };

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
 * @returns null when the sections do not fit together: the file is not what its scan made of it
 */
export async function measureSections(
  sections: readonly DecodeSection[],
  run: RunSection<DecodeSection>,
  options: MeasureOptions,
): Promise<Loudness | null> {
  const { merge, rests } = await runAll(sections, run, options);
  return merge.end(rests) ? summarize(merge, rests) : null;
}

/** @throws what the first run throws that fails; by then all have ended */
async function runAll<Section extends Pick<DecodeSection, 'runInStretches' | 'stretches'>>(
  sections: readonly Section[],
  run: RunSection<Section>,
  { signal, onProgress, onReading }: MeasureOptions,
) {
  const merge = new SectionMerge(sections);
  const doneMs = sections.map(() => 0);
  const failing = new AbortController();
  const signals = signal === undefined ? [failing.signal] : [failing.signal, signal];
  const runs = sections.map((section, index) =>
    run(section, {
      signal: AbortSignal.any(signals),
      onProgress: (nowDoneMs) => {
        doneMs[index] = nowDoneMs;
        onProgress?.(doneMs.reduce((sum, each) => sum + each, 0));
      },
      onReadings: (readings) => {
        merge.add(index, readings);
        onReading?.(merge.summary.level(), merge.summary.doneMs);
      },
    }).then(
      ({ rest }) => rest,
      (error: unknown) => {
        // The first of them stays.
        failing.abort(error);
        return null;
      },
    ),
  );
  const rests = (await Promise.all(runs)).filter((rest) => rest !== null);
  if (failing.signal.aborted) throw failing.signal.reason;
  return { merge, rests };
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
