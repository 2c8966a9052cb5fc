import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_PROFILE } from '../../src/domain/media-tool.ts';
import type { EncodeOptions, MediaTool } from '../../src/domain/media-tool.ts';
import { makeToneWav } from '../made-audio.ts';

export interface MediaToolUnderTest {
  readonly open: (limits: {
    readonly tempDir: string;
    readonly maxAudioHours: number;
    readonly maxRuns?: number;
  }) => Promise<MediaTool>;
  /** Makes a file with ffmpeg's own arguments: what the tests cannot write byte by byte. */
  readonly make: (ffmpegArguments: readonly string[], outputPath: string) => Promise<void>;
  /** Every format takes two starts, which WebAssembly is slow at: the slow suite has them all, the other the common. */
  readonly formats?: 'common' | 'all';
}

/** A media tool with a tone, as a WAV and encoded, in a directory of its own. */
export interface MediaToolBench {
  readonly dir: string;
  readonly tool: MediaTool;
  readonly tonePath: string;
  readonly mp3: Buffer;
  at(file: string): string;
  /** @returns the path */
  put(file: string, content: Uint8Array | string): Promise<string>;
  makeFrom(lavfi: string, ffmpegArguments: readonly string[], file: string): Promise<void>;
  close(): Promise<void>;
}

export const PLAIN: EncodeOptions = { profile: DEFAULT_PROFILE, gainDb: 0, limit: false };
export const SECONDS = 2;

export async function openMediaToolBench({ open, make }: MediaToolUnderTest): Promise<MediaToolBench> {
  const dir = await mkdtemp(join(tmpdir(), 'earshot-'));
  const at = (file: string) => join(dir, file);
  const put = async (file: string, content: Uint8Array | string) => {
    await writeFile(at(file), content);
    return at(file);
  };
  const tool = await open({ tempDir: dir, maxAudioHours: 1 });
  const tonePath = await put('tone.wav', makeToneWav({ seconds: SECONDS, amplitude: 0.1 }));
  await tool.encode(tonePath, at('tone.mp3'), PLAIN);
  return {
    dir,
    tool,
    tonePath,
    mp3: await readFile(at('tone.mp3')),
    at,
    put,
    makeFrom: (lavfi, ffmpegArguments, file) =>
      make(['-f', 'lavfi', '-i', lavfi, ...ffmpegArguments], at(file)),
    close: () => rm(dir, { recursive: true }),
  };
}
