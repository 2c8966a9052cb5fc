/** Version of MPEG audio; 2.5 is the unofficial extension to 8, 11.025 and 12 kHz. */
export type MpegVersion = '1' | '2' | '2.5';

export type ChannelMode = 'stereo' | 'joint-stereo' | 'dual-channel' | 'mono';

/** What the four header bytes of an MPEG layer III frame say, with what follows from them. */
export interface FrameHeader {
  readonly version: MpegVersion;
  readonly bitrateKbps: number;
  readonly sampleRateHz: number;
  readonly channelMode: ChannelMode;
  readonly channels: 1 | 2;
  /** A CRC-16 of two bytes follows the header. */
  readonly hasCrc: boolean;
  readonly samplesPerFrame: 576 | 1152;
  /** Length of the whole frame, header included. */
  readonly frameBytes: number;
  /** Offset of the side information in the frame: 4, or 6 after a CRC. */
  readonly sideInformationStart: 4 | 6;
  readonly sideInformationBytes: 9 | 17 | 32;
}

export const HEADER_BYTES = 4;
/** MPEG-1 320 kbit/s at 32 kHz, or MPEG-2.5 160 kbit/s at 8 kHz, each padded. */
export const MAX_FRAME_BYTES = 1441;

const SYNC_MASK = 0xe0;
const LAYER_MASK = 0x06;
const LAYER_III = 0x02;
const EMPHASIS_MASK = 0x03;
const EMPHASIS_RESERVED = 0x02;

/* ISO/IEC 11172-3, 2.4.2.3 (MPEG-1) and 13818-3, 2.4.2.3 (MPEG-2): the columns are the fields' values in order. */

/** ID, two bits since MPEG-2.5; 1 is reserved. */
const VERSIONS: readonly (MpegVersion | null)[] = ['2.5', null, '2', '1'];

/** bitrate_index of layer III in kbit/s. 0 is "free format", which is refused: its frame length is not in the header;
 * 15 is forbidden. */
const BITRATES_KBPS: Readonly<Record<MpegVersion, readonly (number | null)[]>> = {
  //      free                                                                          forbidden
  '1': [null, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, null],
  '2': [null, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, null],
  '2.5': [null, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, null],
};

/** sampling_frequency; 3 is reserved. */
const SAMPLE_RATES_HZ: Readonly<Record<MpegVersion, readonly (number | null)[]>> = {
  '1': [44_100, 48_000, 32_000, null],
  '2': [22_050, 24_000, 16_000, null],
  '2.5': [11_025, 12_000, 8_000, null],
};

/** mode */
const CHANNEL_MODES: readonly ChannelMode[] = ['stereo', 'joint-stereo', 'dual-channel', 'mono'];

/** Every header there is, by the 12 bits that matter here: ID 2, bitrate_index 4, sampling_frequency 2, padding 1,
 * mode 2, protection 1. A look-up costs nothing per frame, and frames of one kind share one object. */
const HEADERS: readonly (FrameHeader | null)[] = Array.from({ length: 1 << 12 }, (_, key) =>
  describeHeader(key),
);

function describeHeader(key: number): FrameHeader | null {
  const version = VERSIONS[key >> 10];
  if (version === null || version === undefined) return null;
  const bitrateKbps = BITRATES_KBPS[version][(key >> 6) & 15];
  const sampleRateHz = SAMPLE_RATES_HZ[version][(key >> 4) & 3];
  const channelMode = CHANNEL_MODES[(key >> 1) & 3];
  if (!bitrateKbps || !sampleRateHz || channelMode === undefined) return null;
  const paddingBytes = (key >> 3) & 1;
  const hasCrc = (key & 1) === 0;
  const isMono = channelMode === 'mono';
  const samplesPerFrame = version === '1' ? 1152 : 576;
  return {
    version,
    bitrateKbps,
    sampleRateHz,
    channelMode,
    channels: isMono ? 1 : 2,
    hasCrc,
    samplesPerFrame,
    // 2.4.3.1: samples / 8 bits × bit rate / sample rate, cut to whole bytes, plus the padding slot.
    frameBytes: Math.floor(((samplesPerFrame / 8) * bitrateKbps * 1000) / sampleRateHz) + paddingBytes,
    sideInformationStart: hasCrc ? 6 : 4,
    sideInformationBytes: version === '1' ? (isMono ? 17 : 32) : isMono ? 9 : 17,
  };
}

/**
 * The header at `at`, or null when no layer III frame can begin there. A sync word occurs in data too: only frames
 * that follow make one sure.
 */
export function parseFrameHeader(bytes: Uint8Array, at: number): FrameHeader | null {
  const second = bytes[at + 1];
  const third = bytes[at + 2];
  const fourth = bytes[at + 3];
  if (bytes[at] !== 0xff || second === undefined || third === undefined || fourth === undefined) return null;
  if ((second & SYNC_MASK) !== SYNC_MASK || (second & LAYER_MASK) !== LAYER_III) return null;
  if ((fourth & EMPHASIS_MASK) === EMPHASIS_RESERVED) return null;
  const key = ((second & 0x18) << 7) | ((third & 0xfe) << 2) | ((fourth & 0xc0) >> 5) | (second & 1);
  return HEADERS[key] ?? null;
}

/** Whether two frames can follow each other in one stream (ISO/IEC 11172-3, 2.4.2.3: only rate and mode may change). */
export const isSameKind = (one: FrameHeader, other: FrameHeader): boolean =>
  one.version === other.version && one.sampleRateHz === other.sampleRateHz;

/** Bit rates that layer III of this sample rate has, ascending. */
export const listBitratesKbps = (sampleRateHz: number): number[] =>
  BITRATES_KBPS[versionOf(sampleRateHz)].filter((bitrateKbps) => bitrateKbps !== null);

/**
 * A header without CRC and padding.
 * @throws RangeError for a rate that layer III does not have
 */
export function encodeFrameHeader(sampleRateHz: number, channels: 1 | 2, bitrateKbps: number): Uint8Array {
  const version = versionOf(sampleRateHz);
  const bitrateIndex = BITRATES_KBPS[version].indexOf(bitrateKbps);
  if (bitrateIndex === -1)
    throw new RangeError(`Layer III has no ${bitrateKbps} kbit/s at ${sampleRateHz} Hz.`);
  const mode = CHANNEL_MODES.indexOf(channels === 1 ? 'mono' : 'joint-stereo');
  return Uint8Array.of(
    0xff,
    SYNC_MASK | (VERSIONS.indexOf(version) << 3) | LAYER_III | 1,
    (bitrateIndex << 4) | (SAMPLE_RATES_HZ[version].indexOf(sampleRateHz) << 2),
    mode << 6,
  );
}

/** Each sample rate belongs to one version. */
function versionOf(sampleRateHz: number): MpegVersion {
  const version = VERSIONS.find((each) => each !== null && SAMPLE_RATES_HZ[each].includes(sampleRateHz));
  if (version === undefined || version === null) throw new RangeError(`Layer III has no ${sampleRateHz} Hz.`);
  return version;
}
