import { availableParallelism } from 'node:os';
import type { Log } from '../../domain/log.ts';
import type { MediaTool } from '../../domain/media-tool.ts';
import type { SpeechDecoder } from '../../domain/speech-sound.ts';
import { findOnSearchPath, nativeCommand, wasmCommand } from './ffmpeg-command.ts';
import { createFfmpegMediaTool } from './ffmpeg-media-tool.ts';

export interface MediaToolSettings {
  /** The ffmpeg that was named; no other is looked for then. */
  readonly ffmpegPath?: string | undefined;
  /** Directories to look for `ffmpeg` in, written like PATH. */
  readonly searchPath: string;
  readonly tempDir: string;
  readonly maxAudioHours: number;
  readonly log: Log;
  /** Runs of ffmpeg at once; as many as there are processor cores when nothing is said. */
  readonly maxRuns?: number | undefined;
  /** After how long a run that does not get on is killed. */
  readonly stallMs?: number | undefined;
}

/**
 * The ffmpeg that was named, else the one on the search path, else the WebAssembly build that comes along. One on the
 * search path that cannot encode MP3 is passed over, with a warning.
 * @throws tool_unavailable when the one that was named does not work
 */
export async function openMediaTool(settings: MediaToolSettings): Promise<MediaTool & SpeechDecoder> {
  const { ffmpegPath, searchPath, log } = settings;
  const limits = { ...settings, maxRuns: settings.maxRuns ?? availableParallelism() };
  if (ffmpegPath !== undefined) {
    const named = createFfmpegMediaTool(nativeCommand(ffmpegPath), limits);
    await named.describe();
    return named;
  }
  const found = await findOnSearchPath(searchPath);
  if (found !== null) {
    const native = createFfmpegMediaTool(nativeCommand(found), limits);
    try {
      await native.describe();
      return native;
    } catch (error) {
      log.warn(
        { path: found, error: String(error) },
        'this ffmpeg cannot be used; the one that comes along is',
      );
    }
  }
  return createFfmpegMediaTool(wasmCommand(), limits);
}
