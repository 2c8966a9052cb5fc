import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeToneWav } from '../../../test/made-audio.ts';
import { silentLog } from '../../../test/silent-log.ts';
import { DEFAULT_PROFILE } from '../../domain/media-tool.ts';
import type { MediaTool } from '../../domain/media-tool.ts';
import { openMediaTool } from './open-media-tool.ts';

describe('an ffmpeg that does not do what it should', () => {
  let dir: string;
  let input: string;
  const at = (file: string) => join(dir, file);

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    input = at('tone.wav');
    await writeFile(input, makeToneWav({ seconds: 1 }));
    return () => rm(dir, { recursive: true });
  });

  /** A program that answers as ffmpeg when asked for its version, and else runs `script`. */
  async function open(script: string, stallMs?: number): Promise<MediaTool> {
    const answer = 'echo "ffmpeg version 9.9"; echo "configuration: --enable-libmp3lame"; exit';
    const path = at('ffmpeg');
    await writeFile(
      path,
      `#!/bin/sh\n[ "$1" = -version ] && { ${answer}; }\necho $$ >> ${at('pids')}\n${script}\n`,
    );
    await chmod(path, 0o755);
    return openMediaTool({
      ffmpegPath: path,
      searchPath: '',
      tempDir: dir,
      maxAudioHours: 1,
      log: silentLog,
      stallMs,
    });
  }

  async function startedPids(): Promise<number[]> {
    const text = await readFile(at('pids'), 'utf8');
    return text.trim().split('\n').map(Number);
  }

  const isRunning = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it.each<readonly [string, (tool: MediaTool) => Promise<unknown>]>([
    ['probe', (tool) => tool.probe(input)],
    ['measureLoudness', (tool) => tool.measureLoudness(input)],
    [
      'encode',
      (tool) => tool.encode(input, at('out.mp3'), { profile: DEFAULT_PROFILE, gainDb: 0, limit: false }),
    ],
  ])('is killed when it hangs, and nothing of it is left: %s', async (_name, use) => {
    const hanging = await open('while :; do /bin/sleep 0.01; done', 200);
    await expect(use(hanging)).rejects.toMatchObject({ code: 'tool_unavailable' });
    for (const pid of await startedPids()) expect(isRunning(pid)).toBe(false);
    expect(hanging.idleCores()).toBeGreaterThan(0);
    expect((await readdir(dir)).sort()).toEqual(['ffmpeg', 'pids', 'tone.wav']);
  });

  it('is killed when it goes on telling the same', async () => {
    const hanging = await open('while :; do echo out_time_us=1000 >&3; /bin/sleep 0.01; done', 200);
    await expect(hanging.measureLoudness(input)).rejects.toMatchObject({ code: 'tool_unavailable' });
  });

  it('is at fault, not the file, when somebody kills it', async () => {
    const tool = await open('kill -9 $$');
    await expect(tool.measureLoudness(input)).rejects.toMatchObject({ code: 'tool_unavailable' });
  });
});
