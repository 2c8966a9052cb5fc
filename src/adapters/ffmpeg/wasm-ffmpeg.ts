/**
 * A program that takes ffmpeg's arguments and behaves as ffmpeg does, by way of its WebAssembly build: one input
 * after `-i`, and after that one output; both are named `file:…`. PCM may go to the descriptor that is for it.
 * It sees these two and nothing else.
 */
import { writeSync } from 'node:fs';
import { extname } from 'node:path';
import { PCM_DESCRIPTOR, PROGRESS_DESCRIPTOR } from './ffmpeg-command.ts';
import { showInput, showOutput, showPipe } from './host-file.ts';
import { loadFfmpegCore } from './wasm-core.ts';

/** ffmpeg's own code for an error that it met. */
const EXIT_FAILED = 1;
const FILE = 'file:';
const STDOUT = 'pipe:1';

const args = process.argv.slice(2);
const progressAt = args.indexOf(`pipe:${PROGRESS_DESCRIPTOR}`);
const DESCRIPTORS = { stdout: progressAt > 0 ? PROGRESS_DESCRIPTOR : 1, stderr: 2 } as const;

const core = await loadFfmpegCore();
// Written at once: the call below blocks, and a stream's buffer would wait until it has ended.
core.setLogger(({ type, message }) => writeSync(DESCRIPTORS[type], `${message}\n`));

const inputAt = args.indexOf('-i') + 1;
const input = args[inputAt];
if (inputAt > 0 && input?.startsWith(FILE) === true) {
  showInput(core.FS, '/input', input.slice(FILE.length));
  args[inputAt] = '/input';
}
for (const [at, output] of args.entries()) {
  if (inputAt === 0 || at <= inputAt) continue;
  if (output.startsWith(FILE)) {
    // The ending stays: without `-f`, it says which format to write.
    const name = `/output${extname(output)}`;
    showOutput(core.FS, name, output.slice(FILE.length));
    args[at] = name;
  } else if (output === `pipe:${PCM_DESCRIPTOR}`) {
    showPipe(core.FS, '/output.pcm', PCM_DESCRIPTOR);
    args[at] = '/output.pcm';
  }
}
// It has no other descriptors; where it tells its progress, that is all that it writes on this one.
if (progressAt > 0) args[progressAt] = STDOUT;

try {
  process.exitCode = core.exec(...args);
} catch (error) {
  // A trap of WebAssembly: out of memory, or a decoder that was led astray.
  writeSync(DESCRIPTORS.stderr, `${String(error)}\n`);
  process.exitCode = EXIT_FAILED;
}
