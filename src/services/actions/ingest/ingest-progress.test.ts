import { describe, expect, it } from 'vitest';
import { IngestProgress } from './ingest-progress.ts';

function follow() {
  const told: number[] = [];
  const progress = new IngestProgress((percentage) => told.push(percentage));
  return { progress, told };
}

const isRising = (values: readonly number[]) =>
  values.every((value, at) => at === 0 || value >= (values[at - 1] ?? 0));

describe('IngestProgress', () => {
  it('follows the audio through measure and encode', () => {
    const { progress, told } = follow();
    progress.measuring(60_000, { thenEncode: true });
    progress.measured(30_000);
    const halfMeasured = told.at(-1) ?? 0;
    progress.measured(60_000);
    const measured = told.at(-1) ?? 0;
    progress.encoding(60_000);
    progress.encoded(30_000);
    const halfEncoded = told.at(-1) ?? 0;
    progress.encoded(60_000);
    expect(halfMeasured).toBe(10);
    expect(measured).toBe(18);
    expect(halfEncoded).toBe(56);
    expect(told.at(-1)).toBe(95);
    progress.storing();
    progress.stored();
    expect(told.at(-1)).toBe(99);
    expect(isRising(told)).toBe(true);
  });

  it('gives all of it to the measure when nothing is to be encoded', () => {
    const { progress, told } = follow();
    progress.measuring(60_000, { thenEncode: false });
    progress.measured(30_000);
    expect(told.at(-1)).toBe(49);
  });

  it('goes on from where it is when an encode begins anew, or unforeseen', () => {
    const { progress, told } = follow();
    progress.measuring(60_000, { thenEncode: false });
    progress.measured(60_000);
    const before = told.at(-1) ?? 0;
    progress.encoding(60_000);
    progress.encoded(0);
    expect(told.at(-1)).toBe(before);
    progress.encoded(60_000);
    expect(told.at(-1)).toBe(95);
    expect(isRising(told)).toBe(true);
  });

  it('guesses nothing of a file that does not say how long it is', () => {
    const { progress, told } = follow();
    progress.measuring(null, { thenEncode: true });
    progress.measured(60_000);
    expect(told.at(-1)).toBe(3);
    progress.encoding(60_000);
    progress.encoded(30_000);
    expect(told.at(-1)).toBe(49);
  });

  it('stays below the end of the work when a file claims to be shorter than it is', () => {
    const { progress, told } = follow();
    progress.measuring(1000, { thenEncode: true });
    progress.measured(60_000);
    expect(told.at(-1)).toBeLessThanOrEqual(95);
    expect(isRising(told)).toBe(true);
  });
});
