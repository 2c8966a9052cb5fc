import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../domain/app-error.ts';
import { FrameIndexBuilder, decodeFrameIndex, encodeFrameIndex } from './frame-index.ts';

function indexOf(frameLengths: readonly number[]) {
  const builder = new FrameIndexBuilder();
  for (const length of frameLengths) builder.add(length);
  return builder.build();
}

describe('frame index', () => {
  it('holds the offset of every 64th frame', () => {
    expect(indexOf(Array.from({ length: 129 }, () => 417))).toEqual({
      frameCount: 129,
      audioBytes: 129 * 417,
      offsets: [0, 64 * 417, 128 * 417],
    });
  });

  it('comes back from its stored form', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 24, max: 1441 }), { maxLength: 400 }), (lengths) => {
        const index = indexOf(lengths);
        expect(decodeFrameIndex(encodeFrameIndex(index))).toEqual(index);
      }),
    );
  });

  it('keeps its stored form for ever', () => {
    const stored = encodeFrameIndex({ frameCount: 65, audioBytes: 27_105, offsets: [0, 26_688] });
    expect(Buffer.from(stored).toString('hex')).toBe('45464931410000004068000 0a1010000'.replace(' ', ''));
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['another format', new Uint8Array(16)],
    ['one that is cut short', encodeFrameIndex(indexOf([400, 400])).subarray(0, 11)],
    ['one with more behind it', Uint8Array.of(...encodeFrameIndex(indexOf([400])), 0)],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeFrameIndex(bytes)).toThrow(
      expect.toSatisfy((error) => isAppError(error, 'storage_unavailable')),
    );
  });
});
