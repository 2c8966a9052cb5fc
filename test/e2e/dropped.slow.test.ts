import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { call } from './client.ts';
import { fixtures, makeDataDirectory, startProgram } from './program.ts';

it('takes in what is dropped into the audio directory', async () => {
  const data = await makeDataDirectory();
  onTestFinished(() => data.remove());
  const program = await startProgram(data.path, { AUTH: 'off' });
  onTestFinished(() => program.kill());
  const dropped = join(data.path, 'audio_files', 'My tape.mp3');
  await writeFile(dropped, await readFile(join(fixtures, 'lame-vbr.mp3')));
  await expect
    .poll(async () => (await call(program.url, '/api/audio/list')).body, { timeout: 25_000, interval: 500 })
    .toMatchObject({ count: 1, files: [{ filename: 'My tape.mp3', state: 'ready' }] });
});
