import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { MemoryFileSystem } from './host-file.ts';

/** The part of @ffmpeg/core's module that is used here; the package brings no types. */
export interface FfmpegCore {
  readonly FS: MemoryFileSystem;
  setLogger(logger: (line: { readonly type: 'stdout' | 'stderr'; readonly message: string }) => void): void;
  /** Runs to the end before it returns. Its normal end prints `Aborted()`. @returns the exit code */
  exec(...args: readonly string[]): number;
}

type CreateCore = (options: {
  readonly wasmBinary: Uint8Array;
  readonly mainScriptUrlOrBlob: string;
}) => Promise<FfmpegCore>;

/** FFmpeg as WebAssembly. Only for a process of its own: it sets globals, and its calls block. */
export async function loadFfmpegCore(): Promise<FfmpegCore> {
  // Of its thousands of functions a run calls few: those alone are checked, which takes a third off the start. The file
  // comes from the registry, with a hash. An engine that does not know the flag passes over it.
  setFlagsFromString('--wasm-lazy-validation');
  const script = import.meta.resolve('@ffmpeg/core');
  const wasm = new URL('ffmpeg-core.wasm', script).href;
  // It was built for a web worker, and asks where it is before it takes the bytes that it is given.
  Object.assign(globalThis, { self: globalThis, location: { href: script } });
  const module = (await import(script)) as { readonly default: CreateCore };
  return module.default({
    wasmBinary: await readFile(fileURLToPath(wasm)),
    mainScriptUrlOrBlob: `${script}#${btoa(JSON.stringify({ wasmURL: wasm, workerURL: '' }))}`,
  });
}
