import { expect, it } from 'vitest';
import { coverKey, coverTypeOfKey, MAX_COVER_BYTES, toCover } from './cover.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

it.each([
  ['image/jpeg', '\xff\xd8\xff\xe0\0\x10JFIF'],
  ['image/png', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'],
  ['image/gif', 'GIF89a\x01\0\x01\0'],
  ['image/webp', 'RIFF\x24\n\0\0WEBPVP8 '],
])('knows %s by its bytes, and its key tells it again', (mediaType, beginning) => {
  const bytes = latin1(beginning);
  const cover = toCover(bytes);
  expect(cover).toEqual({ mediaType, bytes });
  expect(coverTypeOfKey(coverKey('0abc', cover?.mediaType ?? 'image/gif'))).toBe(mediaType);
});

it.each([
  ['nothing', ''],
  ['HTML', '<!doctype html><script>alert(1)</script>'],
  ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
  ['a picture further in', ' \xff\xd8\xff'],
  ['sound in the wrapper of WebP', 'RIFF\x24\0\0\0WAVEfmt '],
  ['the beginning of a beginning', '\x89PNG'],
])('takes %s for no cover', (_what, beginning) => {
  expect(toCover(latin1(beginning))).toBeNull();
});

it('takes none that is too large', () => {
  const bytes = new Uint8Array(MAX_COVER_BYTES + 1);
  bytes.set([0xff, 0xd8, 0xff]);
  expect(toCover(bytes)).toBeNull();
  expect(toCover(bytes.subarray(0, MAX_COVER_BYTES))).toMatchObject({ mediaType: 'image/jpeg' });
});

it.each(['covers/0abc.svg', 'covers/0abc', 'playable/0abc.mp3', 'covers/../0abc.jpg'])(
  'knows no type of %s',
  (key) => expect(coverTypeOfKey(key)).toBeNull(),
);
