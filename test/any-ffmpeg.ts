import { findOnSearchPath, nativeCommand, wasmCommand } from '../src/adapters/ffmpeg/ffmpeg-command.ts';
import type { FfmpegCommand } from '../src/adapters/ffmpeg/ffmpeg-command.ts';

/** The path of the ffmpeg on the PATH; null where there is none. */
export const findNativeFfmpeg = (): Promise<string | null> => findOnSearchPath(process.env['PATH'] ?? '');

/** The ffmpeg on the PATH, else the one that comes along. */
export async function findAnyFfmpeg(): Promise<FfmpegCommand> {
  const native = await findNativeFfmpeg();
  return native === null ? wasmCommand() : nativeCommand(native);
}
