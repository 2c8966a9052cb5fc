import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Something that can be started as a process and then behaves as ffmpeg does. */
export interface FfmpegCommand {
  readonly kind: 'native' | 'wasm';
  /** For people: where it is. */
  readonly path: string;
  readonly executable: string;
  /** What comes before ffmpeg's own arguments. */
  readonly leadingArguments: readonly string[];
  /** Inputs above this are refused, with the advice to install ffmpeg. */
  readonly maxInputBytes?: number | undefined;
}

/** Where sound goes out of the process: by standard output, which waits when nothing more fits in. */
export const PCM_DESCRIPTOR = 1;
/** Where it tells how far it has come, beside standard output and standard error. */
export const PROGRESS_DESCRIPTOR = 3;

const WASM_MAX_INPUT_BYTES = 500_000_000;
const WASM_HEAP_MEGABYTES = 256;

export function nativeCommand(path: string): FfmpegCommand {
  return { kind: 'native', path, executable: path, leadingArguments: [] };
}

/** @ffmpeg/core in a process of its own, run by this same Node. */
export function wasmCommand(): FfmpegCommand {
  // Beside this file, in the language that this file is in: TypeScript here, JavaScript in a build.
  const script = new URL(`./wasm-ffmpeg${extname(import.meta.url)}`, import.meta.url);
  return {
    kind: 'wasm',
    path: '@ffmpeg/core',
    executable: process.execPath,
    leadingArguments: [`--max-old-space-size=${WASM_HEAP_MEGABYTES}`, fileURLToPath(script)],
    maxInputBytes: WASM_MAX_INPUT_BYTES,
  };
}

/** @returns the first `ffmpeg` that may be executed in a list of directories written like PATH; null without one */
export async function findOnSearchPath(searchPath: string): Promise<string | null> {
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  for (const directory of searchPath.split(delimiter)) {
    // An empty entry means the current directory to a shell; a program must not be picked up from there.
    if (directory === '') continue;
    const candidate = join(directory, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
