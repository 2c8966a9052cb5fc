import { wasmCommand } from '../../src/adapters/ffmpeg/ffmpeg-command.ts';
import { openMediaTool } from '../../src/adapters/ffmpeg/open-media-tool.ts';
import { log, makeWith } from './make-with-ffmpeg.ts';
import { describeFormats } from './media-tool-input.contract.ts';

describeFormats('WebAssembly', {
  open: (limits) => openMediaTool({ ...limits, searchPath: '', log }),
  make: makeWith(wasmCommand()),
});
