import { describeWasmMediaTool } from './media-tools.ts';

describeWasmMediaTool();
