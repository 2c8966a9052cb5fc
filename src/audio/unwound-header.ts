import { HEADER_BYTES, encodeFrameHeader, listBitratesKbps, parseFrameHeader } from './frame-header.ts';
import type { FrameHeader } from './frame-header.ts';
import type { MainDataPlace } from './main-data.ts';
import { mainDataRoom } from './side-information.ts';

/** A size that a frame without CRC can have. */
export interface UnwoundForm {
  readonly header: FrameHeader;
  /** Third byte of the header: bit rate, sample rate and padding. */
  readonly thirdByte: number;
  readonly room: number;
}

const NO_CRC_FLAG = 0x01;
const PADDING_FLAG = 0x02;
const PRIVATE_FLAG = 0x01;

/** By sample rate and channels; ascending. */
const FORMS = new Map<number, readonly UnwoundForm[]>();

/**
 * The smallest frame of the same kind that holds the main data of a frame with its look-ahead or, where none does,
 * without.
 * @returns null when the highest bit rate of the version (320 kbit/s in MPEG-1, 160 in MPEG-2) is not enough; for main
 * data that is not there, the smallest of all
 */
export function chooseUnwoundForm(header: FrameHeader, mainData: MainDataPlace): UnwoundForm | null {
  const forms = formsOf(header);
  if (mainData.state === 'orphan') return forms[0] ?? null;
  return (
    forms.find(({ room }) => room >= mainData.bytesWithLookahead) ??
    forms.find(({ room }) => room >= mainData.bytes) ??
    null
  );
}

/** Writes the header of `form`, which keeps mode, mode extension, emphasis and marks of the frame at `frameStart`. */
export function writeUnwoundHeader(
  target: Uint8Array,
  at: number,
  form: UnwoundForm,
  bytes: Uint8Array,
  frameStart: number,
): void {
  target.set(bytes.subarray(frameStart, frameStart + HEADER_BYTES), at);
  target[at + 1] = (bytes[frameStart + 1] ?? 0) | NO_CRC_FLAG;
  target[at + 2] = form.thirdByte | ((bytes[frameStart + 2] ?? 0) & PRIVATE_FLAG);
}

function formsOf({ sampleRateHz, channels }: FrameHeader): readonly UnwoundForm[] {
  const key = sampleRateHz * 4 + channels;
  const known = FORMS.get(key);
  if (known !== undefined) return known;
  const forms = listForms(sampleRateHz, channels);
  FORMS.set(key, forms);
  return forms;
}

function listForms(sampleRateHz: number, channels: 1 | 2): UnwoundForm[] {
  const forms = listBitratesKbps(sampleRateHz).flatMap((bitrateKbps) =>
    [0, PADDING_FLAG].map((padding) => {
      const encoded = encodeFrameHeader(sampleRateHz, channels, bitrateKbps);
      const thirdByte = (encoded[2] ?? 0) | padding;
      encoded[2] = thirdByte;
      const header = parseFrameHeader(encoded, 0);
      if (header === null) throw new RangeError(`Layer III has no ${bitrateKbps} kbit/s.`);
      return { header, thirdByte, room: mainDataRoom(header) };
    }),
  );
  return forms.filter(({ room }) => room >= 0);
}
