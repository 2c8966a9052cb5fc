import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nativeCommand, wasmCommand } from '../../src/adapters/ffmpeg/ffmpeg-command.ts';
import { players } from '../e2e/players.ts';
import { findProgram } from '../programs.ts';
import { ffmpegDecoder, mpg123Decoder } from './decoders.ts';
import { LAME_SETTINGS } from './lame-settings.ts';
import { makeMaterial } from './material.ts';
import { losslessProof, proveTaken } from './proof.ts';

/** The layer III test properties, as in unwinding.test.ts, over what LAME's own program can be told to make. */
const run = promisify(execFile);
const lame = findProgram('lame');
const decoders = [
  ffmpegDecoder(players.ffmpeg === null ? wasmCommand() : nativeCommand(players.ffmpeg)),
  ...(players.mpg123 === null ? [] : [mpg123Decoder(players.mpg123)]),
];

describe('taking what LAME makes without encoding', () => {
  if (lame === null) {
    it('is not tried here: there is no lame on the PATH', () => undefined);
    return;
  }
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    for (const material of ['music', 'castanets', 'bursts'] as const)
      await writeFile(join(dir, `${material}.wav`), makeMaterial(material, { seconds: 4 }));
  });
  afterAll(() => rm(dir, { recursive: true }));

  const cases = LAME_SETTINGS.map(({ options, ways, material = 'music' }, number) => ({
    name: `lame ${options}, of ${material}: ${ways.join(' or ')}`,
    options,
    ways,
    material,
    file: `${number}.mp3`,
  }));

  it.concurrent.each(cases)(
    '$name; keeps the rules of ISO/IEC 11172-3; rms and greatest difference of samples 0',
    async ({ options, ways, material, file }) => {
      const path = join(dir, file);
      await run(lame, ['--quiet', ...options.split(' '), join(dir, `${material}.wav`), path]);
      const proof = await proveTaken(path, decoders);
      expect(ways).toContain(proof.way);
      if (proof.way !== 'encoded') expect(proof).toMatchObject(losslessProof(proof));
    },
  );
});
