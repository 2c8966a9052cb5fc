import type { FrameHeader } from './frame-header.ts';
import { moveGlobalGain } from './side-information.ts';

/** Frames that lie next to each other, gathered so that they move as one piece, their level moved by `gainSteps`. */
export class FrameRuns {
  /** Of all frames so far. */
  audioBytes = 0;
  readonly #gainSteps: number;
  #done: Uint8Array[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #endExclusive = 0;
  #frames: { readonly start: number; readonly header: FrameHeader }[] = [];

  constructor(gainSteps: number) {
    this.#gainSteps = gainSteps;
  }

  add(bytes: Uint8Array, start: number, header: FrameHeader): void {
    if (bytes !== this.#bytes || start !== this.#endExclusive) {
      this.#finishRun();
      this.#bytes = bytes;
      this.#start = start;
    }
    this.#endExclusive = start + header.frameBytes;
    this.audioBytes += header.frameBytes;
    if (this.#gainSteps !== 0) this.#frames.push({ start, header });
  }

  take(): Uint8Array[] {
    this.#finishRun();
    const done = this.#done;
    this.#done = [];
    return done;
  }

  #finishRun(): void {
    if (this.#endExclusive > this.#start) {
      const run = this.#bytes.subarray(this.#start, this.#endExclusive);
      this.#done.push(this.#gainSteps === 0 ? run : this.#moved(run));
    }
    this.#bytes = new Uint8Array(0);
    this.#start = 0;
    this.#endExclusive = 0;
    this.#frames = [];
  }

  #moved(run: Uint8Array): Uint8Array {
    const moved = run.slice();
    for (const { start, header } of this.#frames) {
      moveGlobalGain(moved, start - this.#start, header, this.#gainSteps);
    }
    return moved;
  }
}
