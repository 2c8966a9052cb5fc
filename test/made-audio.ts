import { WAV_HEADER_BYTES, wavHeader } from '../src/domain/wav-header.ts';

/** Audio that tests make themselves, byte by byte. */

export interface ToneOptions {
  readonly seconds: number;
  /** 0 for silence, 1 for full scale. */
  readonly amplitude?: number;
  readonly frequencyHz?: number;
  readonly sampleRateHz?: number;
  readonly channels?: number;
}

/** A sine as a WAV of 16 bits, the same in every channel. */
export function makeToneWav(options: ToneOptions): Uint8Array {
  const { seconds, amplitude = 0.5, frequencyHz = 440, sampleRateHz = 44_100, channels = 2 } = options;
  return makeWav(
    { seconds, sampleRateHz, channels },
    (sample) => amplitude * Math.sin((2 * Math.PI * frequencyHz * sample) / sampleRateHz),
  );
}

/** A WAV of 16 bits. @param valueAt a sample between -1 and 1; asked in order, all channels of one moment in turn */
export function makeWav(
  format: { readonly seconds: number; readonly sampleRateHz: number; readonly channels: number },
  valueAt: (sample: number, channel: number) => number,
): Uint8Array {
  const { seconds, sampleRateHz, channels } = format;
  const sampleCount = Math.round(seconds * sampleRateHz);
  const wav = Buffer.alloc(WAV_HEADER_BYTES + sampleCount * channels * 2);
  wav.set(wavHeader({ sampleRateHz, channels }, wav.length - WAV_HEADER_BYTES));
  for (let sample = 0; sample < sampleCount; sample += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const value = Math.max(-1, Math.min(1, valueAt(sample, channel)));
      wav.writeInt16LE(Math.round(value * 32_767), WAV_HEADER_BYTES + (sample * channels + channel) * 2);
    }
  }
  return wav;
}

/** The same WAV, its header claiming that 4 GiB of sound follow. */
export function claimFourGigabytes(wav: Uint8Array): Uint8Array {
  const lying = Buffer.from(wav);
  lying.writeUInt32LE(0xffff_fff0, 4);
  lying.writeUInt32LE(0xffff_ffcc, 40);
  return lying;
}

/** An ID3v2.4 tag that claims `claimedBytes` and holds `body`. */
export function makeId3(claimedBytes: number, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  const size = [21, 14, 7, 0].map((shift) => (claimedBytes >>> shift) & 0x7f);
  return Buffer.concat([Buffer.from('ID3\x04\x00\x00', 'latin1'), Buffer.from(size), body]);
}

/** What taggers leave at the end of an MP3: APEv2, then Lyrics3 v2, then ID3v1. */
export function makeTrailingTags(): Uint8Array {
  const ape = Buffer.alloc(32);
  ape.write('APETAGEX', 0, 'latin1');
  ape.writeUInt32LE(2000, 8);
  ape.writeUInt32LE(32, 12);
  const lyrics = Buffer.from('LYRICSBEGININD00002100LYR00005hello', 'latin1');
  const lyricsEnd = Buffer.from(`${String(lyrics.length).padStart(6, '0')}LYRICS200`, 'latin1');
  const id3v1 = Buffer.alloc(128);
  id3v1.write('TAGOld title', 0, 'latin1');
  return Buffer.concat([ape, lyrics, lyricsEnd, id3v1]);
}

const FLAC_BLOCK_SAMPLES = 65_535;

/**
 * Silence as FLAC: 16 bytes for every 65,535 samples, which at 8 kHz are eight seconds.
 * RFC 9639, sections 8.2 (streaminfo) and 9 (frames with a constant subframe).
 * @param claimsLength whether its header says how long it is
 */
export function makeSilentFlac(
  hours: number,
  { claimsLength }: { readonly claimsLength: boolean },
): Uint8Array {
  const sampleRateHz = 8000;
  const frameCount = Math.ceil((hours * 3600 * sampleRateHz) / FLAC_BLOCK_SAMPLES);
  const totalSamples = claimsLength ? frameCount * FLAC_BLOCK_SAMPLES : 0;
  const info = Buffer.alloc(34);
  info.writeUInt16BE(FLAC_BLOCK_SAMPLES, 0);
  info.writeUInt16BE(FLAC_BLOCK_SAMPLES, 2);
  // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples in all.
  const packed = (BigInt(sampleRateHz) << 44n) | (15n << 36n) | BigInt(totalSamples);
  info.writeBigUInt64BE(packed, 10);
  const frames = Array.from({ length: frameCount }, (_, number) => makeSilentFlacFrame(number));
  return Buffer.concat([Buffer.from('fLaC', 'latin1'), Buffer.from([0x80, 0, 0, 34]), info, ...frames]);
}

function makeSilentFlacFrame(number: number): Uint8Array {
  // Sync and fixed block size; block size in 16 bits below, 8 kHz; mono, 16 bits.
  const header = [0xff, 0xf8, 0x74, 0x08, ...Buffer.from(String.fromCodePoint(number), 'utf8')];
  header.push((FLAC_BLOCK_SAMPLES - 1) >> 8, (FLAC_BLOCK_SAMPLES - 1) & 0xff);
  header.push(crc(header, 8, 0x07));
  const frame = [...header, 0x00, 0x00, 0x00];
  const sum = crc(frame, 16, 0x8005);
  return Buffer.from([...frame, sum >> 8, sum & 0xff]);
}

function crc(bytes: readonly number[], bits: number, polynomial: number): number {
  const top = 1 << (bits - 1);
  const mask = 2 ** bits - 1;
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << (bits - 8);
    for (let bit = 0; bit < 8; bit += 1)
      sum = ((sum & top) === 0 ? sum << 1 : (sum << 1) ^ polynomial) & mask;
  }
  return sum;
}
