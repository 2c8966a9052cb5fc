import { arch, availableParallelism, cpus, platform } from 'node:os';
import { parseArgs } from 'node:util';
import { formatTable } from './report.ts';
import type { Measure } from './report.ts';

export interface BenchRun {
  /** A few seconds in all: shows that it runs and nothing answers wrong, and measures nothing worth keeping. */
  readonly quick: boolean;
  /** Says something that belongs to the table: what the peer is, what could not be measured. */
  readonly note: (text: string) => void;
  /** Calls `close` when the bench ends, however it ends; the last one first. */
  readonly onEnd: (close: () => Promise<void>) => void;
}

/**
 * Runs a bench and prints its table. A missed target is printed as such; what is wrong, a byte or an answer, is thrown
 * and makes the exit code 1.
 */
export async function runBench(title: string, measure: (run: BenchRun) => Promise<Measure[]>): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
  const closers: (() => Promise<void>)[] = [];
  const run: BenchRun = {
    quick: values.quick,
    note: (text) => console.log(`- ${text}`),
    onEnd: (close) => void closers.push(close),
  };
  console.log(
    `# ${title}${run.quick ? ' (quick)' : ''}\n- ${platform()} ${arch()}, ${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`,
  );
  try {
    console.log(formatTable(title, await measure(run)));
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
  for (const close of closers.reverse()) {
    try {
      await close();
    } catch (error) {
      console.error(error);
      process.exitCode = 1;
    }
  }
}
