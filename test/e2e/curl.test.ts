import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { players } from './players.ts';
import { fixtures, makeDataDirectory, root, startProgram, type Program } from './program.ts';

const shell = promisify(execFile);

describe.runIf(players.curl !== null)('the README’s curl lines', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;
  let folder: string;
  let lines: string[];

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(join(data.path), { AUTH: 'off' });
    folder = join(data.path, 'folder');
    await mkdir(folder);
    await copyFile(join(fixtures, 'fits.mp3'), join(folder, 'story.mp3'));
    await copyFile(join(fixtures, 'lame-default.mp3'), join(folder, 'chapter2.mp3'));
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    lines = readme.split('\n').filter((line) => line.startsWith('curl '));
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  it('run as they stand, from a folder with two audio files', async () => {
    expect(lines).toHaveLength(6);
    const answers: string[] = [];
    for (const line of lines) {
      const here = line
        .replaceAll('http://localhost:8080', program.url)
        .replace('curl ', 'curl --silent --show-error --fail-with-body ');
      answers.push((await shell('sh', ['-c', here], { cwd: folder })).stdout);
    }
    expect(JSON.parse(answers[0] ?? '')).toMatchObject({ filename: 'story.mp3', state: 'ready' });
    expect(JSON.parse(answers[2] ?? '')).toMatchObject({ count: 2 });
    expect(JSON.parse(answers[4] ?? '')).toMatchObject({ success: true, queue: { file_count: 2 } });
    const sizes = await Promise.all(
      ['story-downloaded.mp3', 'queue.mp3'].map(async (name) => (await stat(join(folder, name))).size),
    );
    expect(sizes[0]).toBeGreaterThan(20_000);
    // The second comes out of the reservoir into frames as small as its plain tone needs.
    expect(sizes[1]).toBeGreaterThan((sizes[0] ?? 0) + 10_000);
  });
});
