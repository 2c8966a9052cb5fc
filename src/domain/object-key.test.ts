import { describe, expect, it } from 'vitest';
import {
  frameIndexKey,
  originalKey,
  playableKey,
  requestIdOfUpload,
  sha256OfPlayable,
  uploadKey,
} from './object-key.ts';
import { isObjectKey } from './object-store.ts';

const SHA256 = 'a1'.repeat(32);

describe('object keys', () => {
  it('are keys of the object store', () => {
    const keys = [uploadKey('a-B_9'), playableKey(SHA256), frameIndexKey(SHA256), originalKey(SHA256, 'm4a')];
    expect(keys).toEqual([
      'uploads/a-B_9',
      `playable/${SHA256}.mp3`,
      `index/${SHA256}`,
      `originals/${SHA256}.m4a`,
    ]);
    expect(keys.every(isObjectKey)).toBe(true);
  });

  it('tell what they were made of', () => {
    expect(requestIdOfUpload(uploadKey('a-B_9'))).toBe('a-B_9');
    expect(sha256OfPlayable(playableKey(SHA256))).toBe(SHA256);
  });

  it('are not taken for one another', () => {
    expect(requestIdOfUpload(playableKey(SHA256))).toBeNull();
    expect(requestIdOfUpload('uploads/a/b')).toBeNull();
    expect(sha256OfPlayable(frameIndexKey(SHA256))).toBeNull();
    expect(sha256OfPlayable(originalKey(SHA256, 'mp3'))).toBeNull();
  });
});
