import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findAnyFfmpeg } from '../../../test/any-ffmpeg.ts';
import { makeToneWav } from '../../../test/made-audio.ts';
import { silentLog } from '../../../test/silent-log.ts';
import { openByteChannel } from './byte-channel.ts';
import { createFfmpegMediaTool } from './ffmpeg-media-tool.ts';

const BYTES = 20_000_000;
/** Writes at once, as ffmpeg does: it fails where the descriptor does not wait. */
const WRITER = `
  const { writeSync } = require('node:fs');
  const bytes = Buffer.alloc(${BYTES}, 'sound');
  for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
`;

describe.skipIf(process.platform === 'win32')('a channel to a process', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    return () => rm(dir, { recursive: true });
  });

  const open = async (onBytes: (bytes: Uint8Array) => void) => {
    const channel = await openByteChannel(dir, onBytes);
    if (channel === null) throw new Error('There is none.');
    return channel;
  };

  it('brings all that the process writes, and leaves no name behind', async () => {
    const hash = createHash('sha256');
    let pieces = 0;
    const channel = await open((bytes) => {
      pieces += 1;
      hash.update(bytes);
    });
    expect(await readdir(dir)).toEqual([]);
    const child = spawn(process.execPath, ['-e', WRITER], { stdio: ['ignore', channel.childEnd, 'inherit'] });
    channel.childEnd.destroy();
    const [exitCode] = (await once(child, 'close')) as [number];
    await channel.closed;
    expect(exitCode).toBe(0);
    expect(pieces).toBeGreaterThan(1);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(Buffer.alloc(BYTES, 'sound')).digest('hex'));
  });

  it('is closed by whoever needs it no more', async () => {
    const channel = await open(() => undefined);
    channel.destroy();
    await channel.closed;
    expect(channel.childEnd.destroyed).toBe(true);
  });

  it('is not to be had where its name would be too long, or cannot be', async () => {
    expect(await openByteChannel(join(dir, 'x'.repeat(100)), () => undefined)).toBeNull();
    expect(await openByteChannel(join(dir, 'none'), () => undefined)).toBeNull();
  });

  it('is replaced by a pipe where there is none to be had', async () => {
    const farDir = join(dir, 'x'.repeat(100));
    await mkdir(farDir);
    const path = join(dir, 'tone.wav');
    await writeFile(path, makeToneWav({ seconds: 25, amplitude: 0.3 }));
    const command = await findAnyFfmpeg();
    const measureFrom = (tempDir: string) =>
      createFfmpegMediaTool(command, {
        tempDir,
        maxAudioHours: 1,
        maxRuns: 1,
        log: silentLog,
      }).measureLoudness(path);
    const measured = await measureFrom(farDir);
    expect(measured).toMatchObject({ durationMs: 25_000 });
    expect(measured).toEqual(await measureFrom(dir));
  });
});
