import { describe, expect, it } from 'vitest';
import { portableFile } from '../../test/portable-samples.ts';
import { isSameRecord } from './portable-record.ts';

describe('a portable record', () => {
  it('is the same whatever the order of its fields and of its arrival', () => {
    const { value } = portableFile('a.mp3', 1);
    const turned = Object.fromEntries(Object.entries(value).reverse()) as typeof value;
    expect(
      isSameRecord(
        { kind: 'audio_file', value },
        { kind: 'audio_file', value: { ...turned, arrival: 2, error: undefined } },
      ),
    ).toBe(true);
    expect(
      isSameRecord({ kind: 'audio_file', value }, { kind: 'audio_file', value: { ...turned, revision: 9 } }),
    ).toBe(false);
  });
});
