import { dirname } from 'node:path';
import { describe, it } from 'vitest';
import { findOnSearchPath, nativeCommand, wasmCommand } from '../../src/adapters/ffmpeg/ffmpeg-command.ts';
import type { FfmpegCommand } from '../../src/adapters/ffmpeg/ffmpeg-command.ts';
import { runFfmpeg } from '../../src/adapters/ffmpeg/ffmpeg-process.ts';
import { openMediaTool } from '../../src/adapters/ffmpeg/open-media-tool.ts';
import type { Log } from '../../src/domain/log.ts';
import { describeMediaToolContract } from './media-tool.contract.ts';

const silent = () => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

const makeWith =
  (command: FfmpegCommand) => async (ffmpegArguments: readonly string[], outputPath: string) => {
    const bounds = { workingDirectory: dirname(outputPath), maxMs: 60_000, stallMs: 60_000 };
    const run = await runFfmpeg(
      command,
      ['-nostdin', '-y', ...ffmpegArguments, `file:${outputPath}`],
      bounds,
    );
    if (run.exitCode !== 0) throw new Error(run.report);
  };

describeMediaToolContract('WebAssembly', {
  open: (limits) => openMediaTool({ ...limits, searchPath: '', log }),
  make: makeWith(wasmCommand()),
});

// The system's ffmpeg is tested where there is one; everywhere, Earshot works with the one that comes along.
const nativePath = await findOnSearchPath(process.env['PATH'] ?? '');
if (nativePath === null) {
  describe('MediaTool: native', () => {
    it('is not tested here: there is no ffmpeg on the PATH', silent);
  });
} else {
  describeMediaToolContract('native', {
    open: (limits) => openMediaTool({ ...limits, ffmpegPath: nativePath, searchPath: '', log }),
    make: makeWith(nativeCommand(nativePath)),
  });
}
