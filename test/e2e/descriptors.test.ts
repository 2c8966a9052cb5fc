import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const program = join(import.meta.dirname, '..', 'out-of-descriptors.ts');

it('outlives that no tool can be started for want of file descriptors, and says that it helps to come again', async () => {
  const limited = ['-c', 'ulimit -n 64; exec "$0" "$1"', process.execPath, program];
  const { stdout } = await promisify(execFile)('/bin/sh', limited, { timeout: 30_000 });
  expect(JSON.parse(stdout)).toEqual({
    engine: 'tool_unavailable',
    espeak: 'tool_unavailable',
    ffmpeg: 'tool_unavailable',
  });
});
