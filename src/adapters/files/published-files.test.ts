import { lstat, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPublishedFiles } from './published-files.ts';

describe('published files where the file system has no links', () => {
  let root: string;
  let path: string;
  const stats = () => lstat(path, { bigint: true });
  // Each time as a new process, which remembers only what is written down.
  const isOurs = async () => createPublishedFiles(root).isOurs(path, await stats());

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'earshot-'));
    path = join(root, 'story.mp3');
    await writeFile(path, 'audio');
  });

  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  it('knows a copy that it has made, until somebody changes or replaces it', async () => {
    expect(await isOurs()).toBe(false);
    await createPublishedFiles(root).rememberCopy(path, await stats());
    expect(await isOurs()).toBe(true);
    const { atime, mtime } = await stats();
    await writeFile(path, 'sound, other');
    await utimes(path, atime, mtime);
    expect(await isOurs()).toBe(false);
    await writeFile(path, 'sound');
    await utimes(path, atime, new Date(mtime.getTime() + 60_000));
    expect(await isOurs()).toBe(false);
  });

  it('forgets a copy that is taken away', async () => {
    const published = createPublishedFiles(root);
    await published.rememberCopy(path, await stats());
    await published.forgetCopy(path);
    await published.forgetCopy(path);
    expect(await isOurs()).toBe(false);
  });
});
