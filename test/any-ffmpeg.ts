import { findOnSearchPath, nativeCommand, wasmCommand } from '../src/adapters/ffmpeg/ffmpeg-command.ts';
import type { FfmpegCommand } from '../src/adapters/ffmpeg/ffmpeg-command.ts';

/** The ffmpeg on the PATH, else the one that comes along. */
export async function findAnyFfmpeg(): Promise<FfmpegCommand> {
  const native = await findOnSearchPath(process.env['PATH'] ?? '');
  return native === null ? wasmCommand() : nativeCommand(native);
}
