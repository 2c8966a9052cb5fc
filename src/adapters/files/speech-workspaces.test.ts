import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../domain/log.ts';
import { openSpeechWorkspaces, type SpeechWorkspacesOptions } from './speech-workspaces.ts';

const NOW_MS = Date.UTC(2026, 0, 10, 8, 30);
const MIB = 1024 * 1024;

describe('workspaces of speech', () => {
  let dir: string;
  let warnings: string[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    warnings = [];
  });
  afterEach(() => rm(dir, { recursive: true }));

  function open(changes: Partial<SpeechWorkspacesOptions> = {}) {
    const silent = () => undefined;
    const log: Log = {
      debug: silent,
      info: silent,
      error: silent,
      warn: (_, message) => warnings.push(message),
    };
    const fallbackDir = join(dir, 'data', 'tmp');
    const options = { systemTempDir: dir, fallbackDir, maxBytes: 10 * MIB, clock: () => NOW_MS, log };
    return openSpeechWorkspaces({ ...options, ...changes });
  }

  it('are private, name files by kind and time, and remove what was made', async () => {
    const workspaces = await open();
    expect((await stat(workspaces.path)).mode & 0o777).toBe(0o700);
    expect((await stat(dirname(workspaces.path))).mode & 0o777).toBe(0o700);
    const [one, other] = [workspaces.open(), workspaces.open()];
    const [input, trimmed, unused] = [
      one.path('input', 'm4a'),
      one.path('trimmed', 'mp3'),
      one.path('input', 'x'),
    ];
    expect(basename(input)).toMatch(/^input-20260110T083000Z-[0-9a-f]{24}\.m4a$/);
    expect(basename(trimmed)).toMatch(/^trimmed-20260110T083000Z-[0-9a-f]{24}\.mp3$/);
    const kept = other.path('input', 'm4a');
    for (const path of [input, trimmed, kept]) await writeFile(path, 'four');
    expect(await one.clear()).toEqual({ count: 2, bytes: 8, failures: 0 });
    expect(await one.clear()).toEqual({ count: 0, bytes: 0, failures: 0 });
    expect(await readdir(workspaces.path)).toEqual([basename(kept)]);
    expect(unused).not.toBe(input);
    await workspaces.close();
    expect(await readdir(dirname(workspaces.path))).toEqual([]);
  });

  it('hold no more together than there is room for, before anything is written', async () => {
    const workspaces = await open();
    const [one, other] = [workspaces.open(), workspaces.open()];
    await one.reserve(4 * MIB);
    await one.reserve(3 * MIB);
    await expect(other.reserve(4 * MIB)).rejects.toMatchObject({ code: 'insufficient_storage' });
    await other.reserve(3 * MIB);
    await one.clear();
    await other.reserve(7 * MIB);
    await workspaces.close();
  });

  it('take no more than the disk has', async () => {
    const workspaces = await open({ maxBytes: Number.MAX_SAFE_INTEGER });
    const workspace = workspaces.open();
    await expect(workspace.reserve(2 ** 52)).rejects.toMatchObject({ code: 'insufficient_storage' });
    await workspace.reserve(1);
    await workspaces.close();
  });

  it('say what they could not remove', async () => {
    const workspaces = await open();
    const workspace = workspaces.open();
    const path = workspace.path('input', 'wav');
    await mkdir(path);
    expect(await workspace.clear()).toEqual({ count: 0, bytes: 0, failures: 1 });
    await workspaces.close();
  });

  const parent = () => join(dir, `earshot-${process.getuid?.() ?? 'user'}`);
  it.each([
    ['a file is in its place', () => writeFile(parent(), '')],
    ['somebody made a link of it', () => symlink(tmpdir(), parent())],
    ['others may write to it', async () => chmod((await mkdir(parent(), { recursive: true })) ?? '', 0o777)],
  ])('are beside the data, with a warning, where %s', async (_why, spoil) => {
    await spoil();
    const workspaces = await open();
    expect(dirname(workspaces.path)).toBe(join(dir, 'data', 'tmp'));
    expect((await stat(workspaces.path)).mode & 0o777).toBe(0o700);
    expect(warnings).toEqual(['temporary files of transcriptions cannot be where the system has its own']);
    await workspaces.close();
  });

  it('are beside the data where the system has no directory of temporary files', async () => {
    const workspaces = await open({ systemTempDir: join(dir, 'nowhere') });
    expect(dirname(workspaces.path)).toBe(join(dir, 'data', 'tmp'));
    expect(warnings).toHaveLength(1);
    await workspaces.close();
  });
});
