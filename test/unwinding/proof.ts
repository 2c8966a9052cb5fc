import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { scanMp3 } from '../../src/audio/mp3-scan.ts';
import type { Mp3Scan } from '../../src/audio/mp3-scan.ts';
import { describePlayable, fitsProfile, renderPlayable } from '../../src/audio/playable.ts';
import { DEFAULT_PROFILE } from '../../src/domain/media-tool.ts';
import type { AudioProfile } from '../../src/domain/media-tool.ts';
import { differenceOf } from './decoders.ts';
import type { Decoder, Difference } from './decoders.ts';
import { listBreaches } from './layer-three-rules.ts';

/** What came of taking the frames of an MP3 without encoding them. */
export interface Proof {
  /** `encoded`: its frames cannot be taken. */
  readonly way: 'copied' | 'unwound' | 'encoded';
  readonly scan: Mp3Scan;
  /** Rules of ISO/IEC 11172-3 that the result breaks. */
  readonly breaches: readonly string[];
  /** Of each decoder on the result, where it did not say the same of the source. */
  readonly complaints: readonly string[];
  /** Of each decoder: the source's samples beside those of the result. */
  readonly differences: readonly Difference[];
  /** Bytes of the result's audio for each byte of the source's. */
  readonly growth: number;
}

/** The profile that the source would have to be of, apart from its rate and channels the library's own. */
export const profileOf = ({ sampleRateHz, channels }: Mp3Scan): AudioProfile => ({
  ...DEFAULT_PROFILE,
  sampleRateHz,
  channels,
});

/** Takes the frames of the MP3 at `path`, writes the result beside it, and decodes both. */
export async function proveTaken(path: string, decoders: readonly Decoder[]): Promise<Proof> {
  const scan = await scanMp3(createReadStream(path));
  if (scan === null) throw new Error(`${path} is no MP3.`);
  if (!fitsProfile(scan, profileOf(scan))) {
    return { way: 'encoded', scan, breaches: [], complaints: [], differences: [], growth: NaN };
  }
  const takenPath = `${path}.taken.mp3`;
  await writeFile(takenPath, renderPlayable(createReadStream(path), scan, { gainSteps: 0 }));
  const shape = describePlayable(scan);
  const taken = new Uint8Array(await readFile(takenPath));
  const complaints: string[] = [];
  const differences: Difference[] = [];
  for (const { name, decode } of decoders) {
    const [source, result] = [await decode(path), await decode(takenPath)];
    if (result.complaints !== source.complaints) complaints.push(`${name}: ${result.complaints}`);
    differences.push(differenceOf(source.samples, result.samples));
  }
  return {
    way: scan.usesReservoir ? 'unwound' : 'copied',
    scan,
    breaches: listBreaches(taken.subarray(shape.audioStartByte)),
    complaints,
    differences,
    growth: shape.audioBytes / scan.audioBytes,
  };
}

/** What a proof says when all is well: every frame there, every rule kept, every decoder silent, every sample the same. */
export const losslessProof = ({ scan, differences }: Proof) => {
  const samples = scan.frameCount * scan.samplesPerFrame * scan.channels;
  return {
    breaches: [],
    complaints: [],
    differences: differences.map(() => ({ sampleCounts: [samples, samples], greatest: 0, rms: 0 })),
  };
};
