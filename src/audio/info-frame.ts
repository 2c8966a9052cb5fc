import { encodeFrameHeader, listBitratesKbps, parseFrameHeader } from './frame-header.ts';
import type { FrameHeader } from './frame-header.ts';

/** The kind of audio that an Info frame stands before; the frame's length follows from it alone. */
export interface InfoFrameKind {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  /** Of the audio; the frame takes the next bit rate up in which it has room. */
  readonly bitrateKbps: number;
}

export interface InfoFrameContent extends InfoFrameKind {
  /** `Info` when every frame has the same bit rate, else `Xing`. */
  readonly constantBitrate: boolean;
  /** Frames and bytes after this one. */
  readonly frameCount: number;
  readonly audioBytes: number;
  /** About where a frame begins, from the first audio frame on; asked for rising frames only. */
  readonly byteOfFrame: (frame: number) => number;
}

/*
 * Behind the side information (gabriel.mp3-tech.org/mp3infotag.html): the tag's name, flags, frames, bytes, TOC and
 * quality; all numbers big-endian. The LAME extension would follow: its room is kept, because readers look there
 * unasked, and stays zero, so that nothing is trimmed and length = frames × samples.
 */
const FLAG_FRAMES = 1;
const FLAG_BYTES = 2;
const FLAG_TOC = 4;
const FLAG_QUALITY = 8;
const TOC_ENTRIES = 100;
const TAG_BYTES = 4 + 4 + 4 + 4 + TOC_ENTRIES + 4;
const LAME_EXTENSION_BYTES = 36;
/** 0 is best. */
const QUALITY = 0;
const UINT32_MAX = 0xffff_ffff;

/** Length of the Info frame of such audio. */
export const infoFrameBytes = (kind: InfoFrameKind): number => chooseHeader(kind).header.frameBytes;

/**
 * A frame of silence that tells players how long what follows is, and where its hundredths lie. The byte count and
 * the positions include this frame, the frame count does not. Above 4 GiB, where the byte count does not fit, it and
 * the positions are left out; players then go by the frames.
 */
export function makeInfoFrame(content: InfoFrameContent): Uint8Array {
  const { header, headerBytes } = chooseHeader(content);
  const totalBytes = header.frameBytes + content.audioBytes;
  const hasFrames = content.frameCount <= UINT32_MAX;
  const hasBytes = totalBytes <= UINT32_MAX;
  const flags = (hasFrames ? FLAG_FRAMES : 0) | (hasBytes ? FLAG_BYTES | FLAG_TOC : 0) | FLAG_QUALITY;

  const frame = new Uint8Array(header.frameBytes);
  frame.set(headerBytes);
  const view = new DataView(frame.buffer);
  let at = header.sideInformationStart + header.sideInformationBytes;
  const put = (value: number) => {
    view.setUint32(at, value);
    at += 4;
  };
  frame.set(new TextEncoder().encode(content.constantBitrate ? 'Info' : 'Xing'), at);
  at += 4;
  put(flags);
  if (hasFrames) put(content.frameCount);
  if (hasBytes) {
    put(totalBytes);
    frame.set(makeToc(content, header.frameBytes, totalBytes), at);
    at += TOC_ENTRIES;
  }
  put(QUALITY);
  return frame;
}

/** Entry i: where i percent of the time lies, in 1/256 of all bytes. */
function makeToc(content: InfoFrameContent, leadBytes: number, totalBytes: number): Uint8Array {
  return Uint8Array.from({ length: TOC_ENTRIES }, (_, percent) => {
    const frame = Math.floor((content.frameCount * percent) / TOC_ENTRIES);
    const byte = percent === 0 ? 0 : leadBytes + content.byteOfFrame(frame);
    return Math.min(255, Math.floor((byte * 256) / totalBytes));
  });
}

function chooseHeader(kind: InfoFrameKind): {
  readonly header: FrameHeader;
  readonly headerBytes: Uint8Array;
} {
  for (const bitrateKbps of listBitratesKbps(kind.sampleRateHz)) {
    if (bitrateKbps < kind.bitrateKbps) continue;
    const headerBytes = encodeFrameHeader(kind.sampleRateHz, kind.channels, bitrateKbps);
    const header = parseFrameHeader(headerBytes, 0);
    if (header !== null && hasRoom(header)) return { header, headerBytes };
  }
  throw new RangeError(`No frame of ${kind.bitrateKbps} kbit/s or more holds an Info tag.`);
}

const hasRoom = (header: FrameHeader): boolean =>
  header.frameBytes >=
  header.sideInformationStart + header.sideInformationBytes + TAG_BYTES + LAME_EXTENSION_BYTES;
