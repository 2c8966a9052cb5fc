import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nativeCommand, wasmCommand } from '../../src/adapters/ffmpeg/ffmpeg-command.ts';
import { findNativeFfmpeg } from '../any-ffmpeg.ts';
import { parseFrameHeader } from '../../src/audio/frame-header.ts';
import { players } from '../e2e/players.ts';
import { differenceOf, ffmpegDecoder, mpg123Decoder } from './decoders.ts';
import { makeMaterial } from './material.ts';
import type { Material } from './material.ts';
import { losslessProof, proveTaken } from './proof.ts';

/*
 * The layer III test properties, on MP3s with the bit reservoir that are taken without encoding: the result keeps the
 * rules of the bitstream (ISO/IEC 11172-3, 2.4.2 and 2.4.3), and decodes to what the source decodes to, of which
 * ISO/IEC 11172-4 would allow an rms of 2^-15/√12 and a greatest difference of 2^-14: here both are 0.
 */
const run = promisify(execFile);
const nativePath = await findNativeFfmpeg();
const command = nativePath === null ? wasmCommand() : nativeCommand(nativePath);
const ffmpeg = ffmpegDecoder(command);
const decoders = players.mpg123 === null ? [ffmpeg] : [ffmpeg, mpg123Decoder(players.mpg123)];

describe(`taking MP3s without encoding, decoded by ${decoders.map(({ name }) => name).join(' and ')}`, () => {
  let dir: string;
  const at = (file: string) => join(dir, file);
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    for (const material of ['music', 'castanets', 'bursts'] as const)
      await writeFile(at(`${material}.wav`), makeMaterial(material, { seconds: 2 }));
  });
  afterAll(() => rm(dir, { recursive: true }));

  const make = async (material: Material, options: string, file: string) => {
    const encode = ['-c:a', 'libmp3lame', ...options.split(' '), `file:${at(file)}`];
    const input = ['-nostdin', '-y', '-v', 'error', '-i', `file:${at(`${material}.wav`)}`];
    await run(command.executable, [...command.leadingArguments, ...input, ...encode]);
    return at(file);
  };

  it.concurrent.each([
    ['unwound', 'music', '-b:a 128k'],
    ['unwound', 'bursts', '-abr 1 -b:a 128k'],
    ['unwound', 'castanets', '-b:a 96k -joint_stereo 0'],
    ['copied', 'castanets', '-b:a 128k -reservoir 0'],
  ] as const)(
    '%s: %s with %s keeps the rules of ISO/IEC 11172-3 and decodes to the same samples',
    async (way, material, options) => {
      const path = await make(material, options, `${material}${options.replaceAll(/\W/g, '')}.mp3`);
      const proof = await proveTaken(path, decoders);
      expect(proof).toMatchObject({ way, ...losslessProof(proof) });
    },
  );

  it.concurrent.each([
    ['unwound', 'test/fixtures/lame-default.mp3'],
    ['unwound', 'test/fixtures/lame-vbr.mp3'],
    ['unwound', 'test/fixtures/mpeg2-mono.mp3'],
    ['copied', 'test/fixtures/fits-crc.mp3'],
  ])('%s: %s keeps the rules of ISO/IEC 11172-3 and decodes to the same samples', async (way, fixture) => {
    const path = at(fixture.replaceAll('/', '-'));
    await copyFile(new URL(`../../${fixture}`, import.meta.url), path);
    const proof = await proveTaken(path, decoders);
    expect(proof).toMatchObject({ way, ...losslessProof(proof) });
  });

  it('unwound: intensity stereo, which LAME does not make, decodes to the same samples', async () => {
    const path = await make('music', '-b:a 128k', 'joint.mp3');
    const bytes = new Uint8Array(await readFile(path));
    const intense = bytes.slice();
    for (const start of frameStarts(bytes)) intense[start + 3] = (intense[start + 3] ?? 0) | 0x10;
    await writeFile(at('intensity.mp3'), intense);
    const proof = await proveTaken(at('intensity.mp3'), decoders);
    expect(proof).toMatchObject({ way: 'unwound', ...losslessProof(proof) });
    // Not what it was with the bit unset, or nothing would have been tried.
    const [joint, intensity] = [await ffmpeg.decode(path), await ffmpeg.decode(at('intensity.mp3'))];
    expect(differenceOf(joint.samples, intensity.samples).greatest).toBeGreaterThan(0.01);
  });

  it('cut out of a longer file: silence where decoders are silent, then the same samples', async () => {
    const bytes = new Uint8Array(await readFile(await make('castanets', '-b:a 64k', 'whole.mp3')));
    const starts = frameStarts(bytes);
    // A place where the reservoir is in use: at the first few it is not yet.
    await writeFile(at('cut.mp3'), bytes.subarray(starts[30]));
    const proof = await proveTaken(at('cut.mp3'), decoders);
    const { orphanFrameCount, frameCount } = proof.scan;
    expect(proof).toMatchObject({ way: 'unwound', breaches: [] });
    expect(frameCount).toBe(starts.length - 30);
    expect(orphanFrameCount).toBeGreaterThan(0);
    expect(orphanFrameCount).toBeLessThan(5);
    const [source, taken] = [
      await ffmpeg.decode(at('cut.mp3')),
      await ffmpeg.decode(at('cut.mp3.taken.mp3')),
    ];
    expect(taken.complaints).toBe('');
    // ffmpeg plays the second half of a frame whose first half is gone; it rings on for another frame.
    const settled = (orphanFrameCount + 2) * 1152 * 2;
    const difference = differenceOf(source.samples.subarray(settled), taken.samples.subarray(settled));
    expect(difference).toEqual({
      sampleCounts: [frameCount * 2304 - settled, frameCount * 2304 - settled],
      greatest: 0,
      rms: 0,
    });
  });

  it('cut short in the middle of a frame: all whole frames, and the same samples', async () => {
    const bytes = new Uint8Array(await readFile(await make('music', '-b:a 112k', 'long.mp3')));
    const starts = frameStarts(bytes);
    await writeFile(at('whole-frames.mp3'), bytes.subarray(0, starts[50]));
    await writeFile(at('short.mp3'), bytes.subarray(0, (starts[50] ?? 0) + 150));
    const proof = await proveTaken(at('short.mp3'), [ffmpeg]);
    expect(proof).toMatchObject({ way: 'unwound', breaches: [] });
    const [whole, taken] = [
      await ffmpeg.decode(at('whole-frames.mp3')),
      await ffmpeg.decode(at('short.mp3.taken.mp3')),
    ];
    expect(taken.complaints).toBe('');
    expect(differenceOf(whole.samples, taken.samples)).toMatchObject({ greatest: 0, rms: 0 });
    expect(taken.samples).toHaveLength(whole.samples.length);
  });
});

/** Where the audio frames begin: all frames but the Info frame, which comes first behind the tag. */
function frameStarts(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  let at = bytes.findIndex((_, i) => parseFrameHeader(bytes, i) !== null);
  for (;;) {
    const header = parseFrameHeader(bytes, at);
    if (header === null) return starts.slice(1);
    starts.push(at);
    at += header.frameBytes;
  }
}
