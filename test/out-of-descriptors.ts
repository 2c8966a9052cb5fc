/** A program without a file descriptor to spare: says as JSON with which codes the tools fail that run as processes. */
import { openSync } from 'node:fs';
import { runEngine } from '../src/adapters/engine-process/run-engine.ts';
import { EspeakProcess } from '../src/adapters/espeak/espeak-process.ts';
import { runFfmpeg } from '../src/adapters/ffmpeg/ffmpeg-process.ts';
import { isAppError } from '../src/domain/app-error.ts';
import { silentLog } from './silent-log.ts';

const { signal } = new AbortController();
const place = { workingDirectory: '/', maxMs: 5000, stallMs: 5000 };
const command = { kind: 'native', path: 'node', executable: process.execPath, leadingArguments: [] } as const;

const tools = {
  engine: () =>
    runEngine({ ...place, executable: process.execPath, arguments: [], signal, onLine: () => {} }),
  espeak: async () =>
    new EspeakProcess({ log: silentLog, stallMs: 5000 }).ask({ kind: 'voices' }, signal).next(),
  ffmpeg: () => runFfmpeg(command, [], place, { signal }),
};

try {
  for (;;) openSync('/dev/null', 'r');
} catch {
  // That was the last one.
}
const codes: Record<string, string> = {};
for (const [name, run] of Object.entries(tools)) {
  codes[name] = await run().then(
    () => 'none',
    (error: unknown) => (isAppError(error) ? error.code : String(error)),
  );
}
process.stdout.write(JSON.stringify(codes));
