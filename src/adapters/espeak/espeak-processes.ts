import { EspeakProcess, type EspeakProcessOptions } from './espeak-process.ts';
import type { EspeakOrder } from './espeak-wire.ts';

/** A start takes a third of a second, a sentence some milliseconds: who speaks on finds the process still there. */
const IDLE_MS = 5000;
const MAX_IDLE = 2;

/** Processes that come when they are needed, and go when they have not been for a while. */
export class EspeakProcesses {
  readonly #options: EspeakProcessOptions;
  readonly #idle: { readonly process: EspeakProcess; readonly timer: NodeJS.Timeout }[] = [];

  constructor(options: EspeakProcessOptions) {
    this.#options = options;
  }

  /** As `EspeakProcess.ask`. */
  async *ask(order: EspeakOrder, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const process = this.#take();
    try {
      yield* process.ask(order, signal);
    } finally {
      this.#giveBack(process);
    }
  }

  #take(): EspeakProcess {
    for (let held = this.#idle.pop(); held !== undefined; held = this.#idle.pop()) {
      clearTimeout(held.timer);
      if (!held.process.isUsable) continue;
      held.process.setIdle(false);
      return held.process;
    }
    return new EspeakProcess(this.#options);
  }

  #giveBack(process: EspeakProcess): void {
    if (!process.isUsable) return;
    if (this.#idle.length >= MAX_IDLE) {
      process.kill();
      return;
    }
    process.setIdle(true);
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((held) => held.process === process),
        1,
      );
      process.kill();
    }, IDLE_MS);
    timer.unref();
    this.#idle.push({ process, timer });
  }
}
