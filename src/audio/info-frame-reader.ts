import type { FrameHeader } from './frame-header.ts';
import { hasText } from './tag-block.ts';

/** What is worth knowing of a Xing, Info or VBRI frame. */
export interface InfoFrame {
  /** Of audio, as it says. */
  readonly frameCount?: number;
  readonly encoderDelaySamples?: number;
  readonly encoderPaddingSamples?: number;
}

/** Encoders whose extension can be trusted to hold delay and padding, as ffmpeg does. */
const ENCODERS: readonly string[] = ['LAME', 'Lavf', 'Lavc', 'L3.9'];

const FRAMES_FLAG = 1;

/** Of the flags: which fields there are, and how long each is. */
const FIELDS: readonly { readonly flag: number; readonly bytes: number }[] = [
  { flag: FRAMES_FLAG, bytes: 4 },
  { flag: 2, bytes: 4 }, // bytes
  { flag: 4, bytes: 100 }, // TOC
  { flag: 8, bytes: 4 }, // quality
];

/** In the LAME extension, delay and padding of 12 bits each come after this many bytes
 * (gabriel.mp3-tech.org/mp3infotag.html). */
const DELAY_OFFSET = 21;
/** VBRI stands here whatever the mode is (Fraunhofer's VBRI header). */
const VBRI_OFFSET = 4 + 32;

/** The frame as an Info frame: valid silence that carries counts instead of audio. Null for audio. */
export function readInfoFrame(bytes: Uint8Array, frameStart: number, header: FrameHeader): InfoFrame | null {
  if (hasText(bytes, frameStart + VBRI_OFFSET, 'VBRI')) return {};
  // Encoders leave the CRC out of the count, whether there is one or not; some do not.
  const plain = frameStart + 4 + header.sideInformationBytes;
  const afterCrc = frameStart + header.sideInformationStart + header.sideInformationBytes;
  const start = [plain, afterCrc].find((at) => hasText(bytes, at, 'Xing') || hasText(bytes, at, 'Info'));
  return start === undefined ? null : readFields(bytes, start, frameStart + header.frameBytes);
}

function readFields(bytes: Uint8Array, start: number, frameEnd: number): InfoFrame {
  const flags = bytes[start + 7] ?? 0;
  const frameCount = (flags & FRAMES_FLAG) === 0 ? {} : { frameCount: readUint32(bytes, start + 8) };
  const fieldBytes = FIELDS.reduce((sum, field) => sum + ((flags & field.flag) !== 0 ? field.bytes : 0), 0);
  const extension = start + 8 + fieldBytes;
  const at = extension + DELAY_OFFSET;
  if (at + 3 > frameEnd || !ENCODERS.some((name) => hasText(bytes, extension, name))) return frameCount;
  const [high = 0, middle = 0, low = 0] = bytes.subarray(at, at + 3);
  return {
    ...frameCount,
    encoderDelaySamples: (high << 4) | (middle >> 4),
    encoderPaddingSamples: ((middle & 15) << 8) | low,
  };
}

function readUint32(bytes: Uint8Array, at: number): number {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(at, at + 4);
  return ((first << 24) | (second << 16) | (third << 8) | fourth) >>> 0;
}
