import type { CountedHome, CountedProcess } from './counted-home.ts';

interface PooledProcess extends CountedProcess {
  freeFromMs: number;
  answers: number;
}

export interface PooledAnswer<Result> {
  readonly result: Result;
  /** Whether the process had answered one before. */
  readonly wasWarm: boolean;
}

/**
 * The processes of a function: one for each answer that is under way, used again while they are warm, the one that was
 * used last first. Time is the simulated clock's; answers come one after the other, and only their times overlap.
 */
export class FunctionPool {
  readonly #home: CountedHome;
  readonly #idleMs: number;
  /** The one that was used last at the end. */
  #processes: PooledProcess[] = [];
  #most = 0;

  constructor(home: CountedHome, idleMs: number) {
    this.#home = home;
    this.#idleMs = idleMs;
  }

  /** The most that there were at a time. */
  get most(): number {
    return this.#most;
  }

  /** @param answer tells also until when its process is taken up by it */
  async run<Result>(
    answer: (url: string) => Promise<{ readonly result: Result; readonly untilMs: number }>,
  ): Promise<PooledAnswer<Result>> {
    const nowMs = Date.now();
    await this.#endIdle(nowMs);
    const free = this.#processes.findLastIndex(({ freeFromMs }) => freeFromMs <= nowMs);
    const process =
      free === -1
        ? { ...(await this.#home.startProcess()), freeFromMs: nowMs, answers: 0 }
        : this.#processes.splice(free, 1)[0];
    if (process === undefined) throw new Error('A process that is free is there.');
    this.#processes.push(process);
    this.#most = Math.max(this.#most, this.#processes.length);
    const { result, untilMs } = await answer(process.url);
    process.freeFromMs = untilMs;
    process.answers += 1;
    return { result, wasWarm: process.answers > 1 };
  }

  async #endIdle(nowMs: number): Promise<void> {
    const isIdle = ({ freeFromMs }: PooledProcess) => freeFromMs + this.#idleMs < nowMs;
    const idle = this.#processes.filter(isIdle);
    this.#processes = this.#processes.filter((process) => !isIdle(process));
    for (const process of idle) await process.close();
  }

  async close(): Promise<void> {
    for (const process of this.#processes.splice(0)) await process.close();
  }
}
