import { dirname } from 'node:path';
import type { FfmpegCommand } from '../../src/adapters/ffmpeg/ffmpeg-command.ts';
import { runFfmpeg } from '../../src/adapters/ffmpeg/ffmpeg-process.ts';
import type { Log } from '../../src/domain/log.ts';

const silent = () => undefined;
export const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

/** Makes files with ffmpeg's own arguments. */
export const makeWith =
  (command: FfmpegCommand) => async (ffmpegArguments: readonly string[], outputPath: string) => {
    const bounds = { workingDirectory: dirname(outputPath), maxMs: 60_000, stallMs: 60_000 };
    const run = await runFfmpeg(
      command,
      ['-nostdin', '-y', ...ffmpegArguments, `file:${outputPath}`],
      bounds,
    );
    if (run.exitCode !== 0) throw new Error(run.report);
  };
