/** How large the HTTP function is, and how soon it is there: `cold-start.ts [--quick]`. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { runBench, type BenchRun } from './harness/bench.ts';
import { atMost, type Measure } from './harness/report.ts';
import { median } from './harness/rounds.ts';

const execute = promisify(execFile);
const BUILD = resolve(import.meta.dirname, '..', 'scripts', 'build-lambda.ts');
const STARTS = 10;
const STARTS_QUICK = 3;
const MAX_MB = 5;
const MAX_IMPORT_MS = 400;

/** As much of the runtime as the bundle asks of it while it is loaded. */
const IMPORT = (index: string) => `
globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: class {} };
const startMs = performance.now();
const { handler } = await import(${JSON.stringify(index)});
if (typeof handler !== 'function') throw new Error('It exports no handler.');
process.stdout.write(String(performance.now() - startMs));
`;

await runBench('The HTTP function', async (run) => {
  const directory = await mkdtemp(join(tmpdir(), 'earshot-cold-'));
  run.onEnd(() => rm(directory, { recursive: true, force: true }));
  await execute(process.execPath, [BUILD, '--out', directory, 'http']);
  const code = join(directory, 'http');
  const sizes = await sizesOf(code);
  const megabytes = sizes.all / 1e6;
  const bundleMs = await importMs(run, directory, join(code, 'index.mjs'));
  // What no bundle could be faster than.
  const empty = join(directory, 'empty.mjs');
  await writeFile(empty, 'export const handler = () => {};\n');
  const emptyMs = await importMs(run, directory, empty);
  return [
    {
      name: 'its directory, source maps included',
      ours: `${megabytes.toFixed(2)} MB, ${(sizes.maps / 1e6).toFixed(2)} MB of them maps`,
      value: megabytes,
      target: atMost(MAX_MB, 'MB'),
    },
    {
      name: `its import in a fresh process; peer: of an empty module`,
      ours: `${bundleMs.toFixed(0)} ms`,
      peer: `${emptyMs.toFixed(0)} ms`,
      value: bundleMs,
      target: atMost(MAX_IMPORT_MS, 'ms'),
    },
  ] satisfies Measure[];
});

async function sizesOf(directory: string): Promise<{ all: number; maps: number }> {
  let all = 0;
  let maps = 0;
  for (const name of await readdir(directory)) {
    const { size } = await stat(join(directory, name));
    all += size;
    if (name.endsWith('.map')) maps += size;
  }
  return { all, maps };
}

/** The median; the first, which reads from disk, is not counted. */
async function importMs(run: BenchRun, directory: string, index: string): Promise<number> {
  const script = join(directory, 'import.mjs');
  await writeFile(script, IMPORT(index));
  const times: number[] = [];
  for (let start = 0; start <= (run.quick ? STARTS_QUICK : STARTS); start += 1) {
    const { stdout } = await execute(process.execPath, [script], {
      env: { PATH: process.env['PATH'], AWS_LAMBDA_FUNCTION_NAME: 'bench' },
    });
    if (start > 0) times.push(Number(stdout));
  }
  return median(times);
}
