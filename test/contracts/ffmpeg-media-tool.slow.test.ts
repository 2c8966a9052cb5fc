import { findNativeFfmpeg } from '../any-ffmpeg.ts';
import { describeNativeMediaTool, describeWasmMediaTool } from './media-tools.ts';

// The one that a server here would use; where that is the system's, the slow suite has the one that comes along.
const nativePath = await findNativeFfmpeg();
if (nativePath === null) describeWasmMediaTool();
else describeNativeMediaTool(nativePath);
