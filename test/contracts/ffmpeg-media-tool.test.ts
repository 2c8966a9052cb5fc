import { describe, it } from 'vitest';
import { nativeCommand, wasmCommand } from '../../src/adapters/ffmpeg/ffmpeg-command.ts';
import { findNativeFfmpeg } from '../any-ffmpeg.ts';
import { openMediaTool } from '../../src/adapters/ffmpeg/open-media-tool.ts';
import { makeWith, log } from './make-with-ffmpeg.ts';
import type { MediaToolUnderTest } from './media-tool-bench.ts';
import { describeMediaToolInput } from './media-tool-input.contract.ts';
import { describeMediaToolContract } from './media-tool.contract.ts';

function describeMediaTool(name: string, underTest: MediaToolUnderTest): void {
  describeMediaToolContract(name, underTest);
  describeMediaToolInput(name, underTest);
}

describeMediaTool('WebAssembly', {
  open: (limits) => openMediaTool({ ...limits, searchPath: '', log }),
  make: makeWith(wasmCommand()),
  formats: 'common',
});

// The system's ffmpeg is tested where there is one; everywhere, Earshot works with the one that comes along.
const nativePath = await findNativeFfmpeg();
if (nativePath === null) {
  describe('MediaTool: native', () => {
    it('is not tested here: there is no ffmpeg on the PATH', () => undefined);
  });
} else {
  describeMediaTool('native', {
    open: (limits) => openMediaTool({ ...limits, ffmpegPath: nativePath, searchPath: '', log }),
    make: makeWith(nativeCommand(nativePath)),
  });
}
