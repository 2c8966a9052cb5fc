import { nativeCommand, wasmCommand } from '../../src/adapters/ffmpeg/ffmpeg-command.ts';
import { openMediaTool } from '../../src/adapters/ffmpeg/open-media-tool.ts';
import { log, makeWith } from './make-with-ffmpeg.ts';
import type { MediaToolUnderTest } from './media-tool-bench.ts';
import { describeMediaToolInput } from './media-tool-input.contract.ts';
import { describeMediaToolContract } from './media-tool.contract.ts';

function describeMediaTool(name: string, underTest: MediaToolUnderTest): void {
  describeMediaToolContract(name, underTest);
  describeMediaToolInput(name, underTest);
}

/** The one that comes along. */
export const describeWasmMediaTool = (): void =>
  describeMediaTool('WebAssembly', {
    open: (limits) => openMediaTool({ ...limits, searchPath: '', log }),
    make: makeWith(wasmCommand()),
    formats: 'common',
  });

/** The system's. */
export const describeNativeMediaTool = (path: string): void =>
  describeMediaTool('native', {
    open: (limits) => openMediaTool({ ...limits, ffmpegPath: path, searchPath: '', log }),
    make: makeWith(nativeCommand(path)),
  });
