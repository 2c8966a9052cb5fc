import { describe, expect, it } from 'vitest';
import { chooseLevel, isLimiterForeseen } from './level.ts';

const heard = (integratedLufs: number, peak: number) => ({ integratedLufs, peak });

describe('chooseLevel', () => {
  it.each([
    ['lowers what is loud', heard(-10, 1), { gainDb: -6, gainSteps: -4, canStep: true, limit: false }],
    ['raises what has room', heard(-22, 0.25), { gainDb: 6, gainSteps: 4, canStep: true, limit: false }],
    ['limits what has none', heard(-22, 0.8), { gainDb: 6, gainSteps: 4, canStep: false, limit: true }],
    ['leaves what is near', heard(-16.7, 0.8), { gainSteps: 0, canStep: true }],
    ['does not blow up near silence', heard(-60, 0.001), { gainDb: 24, gainSteps: 16, canStep: true }],
  ])('%s', (_what, loudness, level) => {
    expect(chooseLevel(loudness, -16)).toMatchObject(level);
  });

  it('leaves silence as it is, and everything without a target', () => {
    const same = { gainDb: 0, gainSteps: 0, canStep: true, limit: false };
    expect(chooseLevel({ peak: 0 }, -16)).toEqual(same);
    expect(chooseLevel(heard(-30, 0.1), null)).toEqual(same);
  });
});

describe('isLimiterForeseen', () => {
  it('waits until the level is steady, and for peaks that leave no doubt', () => {
    expect(isLimiterForeseen(heard(-25, 0.9), 29_000, -16)).toBe(false);
    expect(isLimiterForeseen(heard(-25, 0.9), 30_000, -16)).toBe(true);
    expect(isLimiterForeseen(heard(-25, 0.35), 30_000, -16)).toBe(false);
    expect(isLimiterForeseen(heard(-25, 0.2), 30_000, -16)).toBe(false);
    expect(isLimiterForeseen(heard(-10, 1), 30_000, -16)).toBe(false);
    expect(isLimiterForeseen(heard(-25, 0.9), 30_000, null)).toBe(false);
  });
});
