import type { ActionContext } from '../action.ts';

/** Of the percentage, what comes before the work on the audio, and after it. */
const BEFORE_AUDIO = 3;
const AFTER_AUDIO = 95;
const STORED = 99;
/** Encoding takes about five times as long as measuring. */
const MEASURE_WEIGHT = 1;
const ENCODE_WEIGHT = 5;

/**
 * How far an ingest is, by the audio that went through measuring and encoding, against what there is. It never goes
 * back: when there turns out to be more to do, the same percentage stands for more, from where it is. The last percent is
 * for whoever writes that the request is complete.
 */
export class IngestProgress {
  readonly #report: ActionContext['report'];
  #message = 'looking into the file';
  #percentage = 0;
  #base = BEFORE_AUDIO;
  /** Weighted milliseconds of audio from `#base` to the end of the work on it; 0 while nobody knows. */
  #plannedMs = 0;

  constructor(report: ActionContext['report']) {
    this.#report = report;
    this.#show(1);
  }

  /** @param durationMs as the file claims; null when it does not: then nothing is guessed */
  measuring(durationMs: number | null, { thenEncode }: { readonly thenEncode: boolean }): void {
    this.#message = 'measuring the loudness';
    this.#plannedMs = (durationMs ?? 0) * (MEASURE_WEIGHT + (thenEncode ? ENCODE_WEIGHT : 0));
    this.#base = BEFORE_AUDIO;
    this.#show(BEFORE_AUDIO);
  }

  measured(doneMs: number): void {
    this.#advance(doneMs * MEASURE_WEIGHT);
  }

  /** @param durationMs what the measure heard */
  encoding(durationMs: number): void {
    this.#message = 'making it playable';
    this.#base = Math.max(this.#percentage, BEFORE_AUDIO);
    this.#plannedMs = durationMs * ENCODE_WEIGHT;
    this.#show(this.#base);
  }

  encoded(doneMs: number): void {
    this.#advance(doneMs * ENCODE_WEIGHT);
  }

  storing(): void {
    this.#message = 'storing';
    this.#show(AFTER_AUDIO);
  }

  stored(): void {
    this.#show(STORED);
  }

  #advance(doneMs: number): void {
    if (this.#plannedMs === 0) return;
    const share = Math.min(1, doneMs / this.#plannedMs);
    this.#show(this.#base + share * (AFTER_AUDIO - this.#base));
  }

  #show(percentage: number): void {
    this.#percentage = Math.max(this.#percentage, percentage);
    this.#report(Math.floor(this.#percentage), this.#message);
  }
}
