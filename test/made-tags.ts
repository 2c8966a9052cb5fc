/** Tags of ID3v2.4, byte by byte, as well-formed or as hostile as a test wants them. https://id3.org/id3v2.4.0-structure */
import { makeId3 } from './made-audio.ts';

/** Text in UTF-8. */
export function textFrame(id: string, text: string): Uint8Array {
  return frame(id, Buffer.from(`\x03${text}`, 'utf8'));
}

/** A chapter with its title; the end is that of the start, which nobody reads. */
export function chapterFrame(id: string, startMs: number, title: string): Uint8Array {
  const times = Buffer.alloc(16, 0xff);
  times.writeUInt32BE(startMs, 0);
  times.writeUInt32BE(startMs, 4);
  return frame('CHAP', Buffer.concat([latin1(`${id}\0`), times, textFrame('TIT2', title)]));
}

const FRONT_COVER = 3;

export function pictureFrame(mediaType: string, bytes: Uint8Array, type = FRONT_COVER): Uint8Array {
  return frame('APIC', Buffer.concat([latin1(`\0${mediaType}\0`), Buffer.from([type, 0]), bytes]));
}

/** An MP3 of a little silence behind these frames. */
export function taggedMp3(...frames: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(frames);
  // 128 kbit/s, 44.1 kHz: 417 bytes.
  const silence = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), Buffer.alloc(413)]);
  return Buffer.concat([makeId3(body.length, body), silence, silence, silence]);
}

function frame(id: string, body: Uint8Array): Uint8Array {
  const size = [21, 14, 7, 0].map((shift) => (body.length >>> shift) & 0x7f);
  return Buffer.concat([latin1(id), Buffer.from([...size, 0, 0]), body]);
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
