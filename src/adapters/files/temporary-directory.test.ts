import { execFile } from 'node:child_process';
import { hostname, tmpdir } from 'node:os';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTemporaryDirectory } from './temporary-directory.ts';

const HOST = hostname().replace(/[^A-Za-z0-9_.]/g, '_');
const RANDOM = '0123456789abcdef';
const NOW_MS = Date.UTC(2026, 0, 10);

describe('temporary directory', () => {
  let parent: string;
  const clock = () => NOW_MS;

  beforeEach(async () => {
    parent = join(await mkdtemp(join(tmpdir(), 'earshot-')), 'tmp');
  });

  afterEach(async () => {
    await rm(join(parent, '..'), { recursive: true, force: true });
  });

  it('is private, and gone when it is closed', async () => {
    const one = await openTemporaryDirectory({ parent, clock });
    const two = await openTemporaryDirectory({ parent, clock });
    expect((await stat(one.path)).mode & 0o777).toBe(0o700);
    expect(one.path).not.toBe(two.path);
    await writeFile(join(one.path, 'input'), 'x');
    await one.close();
    await one.close();
    expect(await readdir(parent)).toEqual([basename(two.path)]);
    await two.close();
  });

  it('sweeps what dead processes left, and nothing that is of a living one or of somebody else', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'process.pid']);
    const deadPid = stdout.trim();
    const swept = [
      `work-${HOST}-${deadPid}-${RANDOM}`,
      `work-${HOST}-${process.pid}-${RANDOM}`,
      `work-elsewhere-1-${RANDOM}`,
    ];
    const kept = [
      `work-${HOST}-${process.ppid}-${RANDOM}`,
      `work-elsewhere-2-${RANDOM}`,
      'upload-by-hand',
      'work-in-progress',
    ];
    for (const name of [...swept, ...kept]) {
      await mkdir(join(parent, name), { recursive: true });
      await writeFile(join(parent, name, 'input'), 'x');
      const ageS = name.startsWith('work-elsewhere-2') ? 3600 : 25 * 3600;
      await utimes(join(parent, name), NOW_MS / 1000 - ageS, NOW_MS / 1000 - ageS);
    }
    const opened = await openTemporaryDirectory({ parent, clock });
    expect((await readdir(parent)).sort()).toEqual([...kept, basename(opened.path)].sort());
    await opened.close();
  });

  it('says when the directory cannot be made', async () => {
    await writeFile(join(parent, '..', 'file'), '');
    const failing = openTemporaryDirectory({ parent: join(parent, '..', 'file', 'tmp'), clock });
    await expect(failing).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
