import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../../domain/log.ts';
import { openMediaTool } from './open-media-tool.ts';

describe('openMediaTool', { timeout: 30_000 }, () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  const warnings: string[] = [];
  const silent = () => undefined;
  const log: Log = {
    debug: silent,
    info: silent,
    warn: (_fields, message) => warnings.push(message),
    error: silent,
  };
  const open = (settings: { readonly ffmpegPath?: string; readonly searchPath: string }) =>
    openMediaTool({ tempDir: dir, maxAudioHours: 1, log, ...settings });
  async function putFfmpeg(configuration: string): Promise<string> {
    const path = join(dir, 'ffmpeg');
    const version = `echo "ffmpeg version 9.9 Copyright"; echo "configuration: ${configuration}"`;
    await writeFile(path, `#!/bin/sh\n${version}\n`);
    await chmod(path, 0o755);
    return path;
  }

  it('takes the first on the search path', async () => {
    const path = await putFfmpeg('--enable-libmp3lame');
    const tool = await open({ searchPath: ['', '/nowhere', dir].join(delimiter) });
    expect(await tool.describe()).toEqual({ kind: 'native', path, version: '9.9' });
  });

  it('takes the one that comes along when there is none', async () => {
    const tool = await open({ searchPath: '/nowhere' });
    expect(await tool.describe()).toMatchObject({ kind: 'wasm', path: '@ffmpeg/core' });
  });

  it('warns of one that cannot encode, and refuses it when it was named', async () => {
    const path = await putFfmpeg('--disable-everything');
    expect(await (await open({ searchPath: dir })).describe()).toMatchObject({ kind: 'wasm' });
    expect(warnings).toHaveLength(1);
    await expect(open({ ffmpegPath: path, searchPath: '' })).rejects.toMatchObject({
      code: 'tool_unavailable',
    });
    const missing = { ffmpegPath: join(dir, 'missing'), searchPath: '' };
    await expect(open(missing)).rejects.toMatchObject({ code: 'tool_unavailable' });
  });
});
