export const WAV_HEADER_BYTES = 44;
/** What comes after it can have no more: sizes are 32 bits wide, and count the rest of the header in. */
export const MAX_WAV_DATA_BYTES = 2 ** 32 - 1 - WAV_HEADER_BYTES;

export interface WavFormat {
  readonly sampleRateHz: number;
  /** One without it. */
  readonly channels?: number | undefined;
  /** Of each sample; 16 without it. */
  readonly bits?: number | undefined;
}

const FORMAT_BYTES = 16;
const PCM = 1;

/**
 * The head of a RIFF/WAVE file of PCM.
 * Multimedia Programming Interface and Data Specifications 1.0 (IBM and Microsoft, 1991), "Waveform Audio File Format".
 */
export function wavHeader(
  { sampleRateHz, channels = 1, bits = 16 }: WavFormat,
  dataBytes: number,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(header.buffer);
  const tag = (offset: number, text: string) => header.set(new TextEncoder().encode(text), offset);
  const blockBytes = (channels * bits) / 8;
  tag(0, 'RIFF');
  view.setUint32(4, WAV_HEADER_BYTES - 8 + dataBytes, true);
  tag(8, 'WAVEfmt ');
  view.setUint32(16, FORMAT_BYTES, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * blockBytes, true);
  view.setUint16(32, blockBytes, true);
  view.setUint16(34, bits, true);
  tag(36, 'data');
  view.setUint32(40, dataBytes, true);
  return header;
}
