import { describe, expect, it } from 'vitest';
import { DEFAULT_PROFILE } from '../../domain/media-tool.ts';
import { frameCycle, planEncodeSections, RUN_IN_CYCLES } from './encode-sections.ts';

const CYCLE = { samples: 49 * 1152, bytes: 20_480 };
const STRETCH_SAMPLES = 4410;

describe('frameCycle', () => {
  it('is of whole bytes: the padding begins again', () => {
    expect(frameCycle(DEFAULT_PROFILE)).toEqual(CYCLE);
    expect(frameCycle({ ...DEFAULT_PROFILE, bitrateKbps: 160 })).toEqual({ ...CYCLE, bytes: 25_600 });
  });

  it('is of many frames even where there is no padding', () => {
    const cycle = frameCycle({ ...DEFAULT_PROFILE, sampleRateHz: 48_000 });
    expect(cycle).toEqual({ samples: 49 * 1152, bytes: 49 * 384 });
  });
});

describe('planEncodeSections', () => {
  it.each([
    ['short', 119, 8, 1],
    ['of two minutes', 120, 8, 2],
    ['long, on two cores', 3600, 2, 2],
    ['long, on many cores', 3600, 64, 4],
    ['long, on one core', 3600, 1, 1],
    ['of unknown length', 0, 2, 0],
  ])('divides a sound that is %s', (_what, seconds, maxSections, count) => {
    expect(planEncodeSections(DEFAULT_PROFILE, seconds * 1000, maxSections)).toHaveLength(count);
  });

  it('leaves another sample rate in one', () => {
    expect(planEncodeSections({ ...DEFAULT_PROFILE, sampleRateHz: 48_000 }, 3_600_000, 2)).toEqual([]);
  });

  it.each([120, 185.037, 600, 7201.5])('leaves out no sample and no stretch: %d s', (seconds) => {
    const sections = planEncodeSections(DEFAULT_PROFILE, seconds * 1000, 4);
    expect(sections[0]).toMatchObject({ startSample: 0, meterStartSample: 0, runInStretches: 0 });
    expect(sections.at(-1)).toMatchObject({ endSample: Infinity, meterEndSample: Infinity });
    let stretches = 0;
    for (const [index, section] of sections.entries()) {
      expect(section.startSample).toBe(section.startCycle * CYCLE.samples);
      // What is metered is on the borders of stretches, and a stretch belongs to one section.
      const meterStart = (section.startSample + section.meterStartSample) / STRETCH_SAMPLES;
      expect(meterStart).toBe(stretches - section.runInStretches);
      stretches += section.stretches;
      const next = sections[index + 1];
      if (next === undefined) continue;
      expect(section.startSample + section.meterEndSample).toBe(stretches * STRETCH_SAMPLES);
      // It goes on beyond the joint, which is past the next one's run-in.
      const joint = next.startSample + RUN_IN_CYCLES * CYCLE.samples;
      expect(section.endSample).toBeGreaterThan(joint);
      expect(section.startSample + section.meterEndSample).toBeLessThan(joint);
      expect(next.startSample - section.startSample).toBeGreaterThan(RUN_IN_CYCLES * CYCLE.samples);
    }
  });
});
