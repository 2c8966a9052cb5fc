import type { Span } from '../../domain/speech-sound.ts';

/** As many as a sound of two days can have that is silent every other second. */
const MAX_SILENCES = 86_400;
const LINE = /silence_(start|end): (-?\d+(?:\.\d+)?)/;
/** An encoder ends with whole frames: the sound may end so much before its file. */
const PADDING_MS = 150;
/** Of a line of ffmpeg's. */
const MAX_LINE_LENGTH = 4096;

/**
 * Reads what ffmpeg's `silencedetect` reports, as it comes:
 * `[silencedetect @ 0x55d0] silence_start: 1.5`
 * `[silencedetect @ 0x55d0] silence_end: 3.25 | silence_duration: 1.75`
 */
export class SilenceReader {
  readonly #silences: Span[] = [];
  #line = '';
  #startMs: number | null = null;

  append(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = (lines.pop() ?? '').slice(-MAX_LINE_LENGTH);
    for (const line of lines) this.#read(line);
  }

  /** @param durationMs of the sound, where a silence ends that has no end */
  end(durationMs: number): Span[] {
    this.#read(this.#line);
    if (this.#startMs !== null) this.#add(durationMs);
    return this.#silences
      .map(({ startMs, endMs }) => ({ startMs, endMs: endMs > durationMs - PADDING_MS ? durationMs : endMs }))
      .filter(({ startMs, endMs }) => startMs < endMs);
  }

  #read(line: string): void {
    const [, what, seconds] = LINE.exec(line) ?? [];
    if (what === 'start') this.#startMs = Math.max(0, Number(seconds) * 1000);
    else if (what === 'end') this.#add(Number(seconds) * 1000);
  }

  #add(endMs: number): void {
    const startMs = this.#startMs;
    this.#startMs = null;
    if (startMs === null || this.#silences.length >= MAX_SILENCES) return;
    this.#silences.push({ startMs, endMs });
  }
}
