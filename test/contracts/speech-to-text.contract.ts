import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpeechToText, SpeechToTextOptions } from '../../src/domain/speech-to-text.ts';
import type { SpokenPiece } from '../spoken-audio.ts';

export interface SpeechToTextBench {
  readonly engine: SpeechToText;
  /** The same, where what does the hearing is not there. */
  readonly down: SpeechToText;
  readonly downCode: 'engine_unavailable' | 'tool_unavailable';
  /** As `engine.input` has it; what is said takes more than one segment, and so long that it can be stopped meanwhile. */
  readonly speech: SpokenPiece;
  readonly silence: SpokenPiece;
  close(): Promise<void>;
}

/** What holds of every engine that hears, whatever it understands. */
export function describeSpeechToTextContract(name: string, open: () => Promise<SpeechToTextBench>): void {
  describe(`SpeechToText: ${name}`, () => {
    let bench: SpeechToTextBench;
    beforeAll(async () => {
      bench = await open();
    });
    afterAll(() => bench.close());

    const transcribe = (piece: SpokenPiece, options: Partial<SpeechToTextOptions> = {}) =>
      bench.engine.transcribe(piece.path, {
        durationMs: piece.durationMs,
        signal: new AbortController().signal,
        ...options,
      });

    it('says what it is', async () => {
      const { engine } = bench;
      expect(engine.id).toMatch(/^[A-Za-z0-9_.:-]+$/);
      expect(engine.id.startsWith(`${engine.kind}:`)).toBe(true);
      expect(engine.input.maxPieceMs).toBeGreaterThanOrEqual(60_000);
      expect(await engine.describe()).toEqual({
        kind: engine.kind,
        model: expect.stringMatching(/./) as string,
      });
    });

    it('gives segments in order, inside the piece, each one line', async () => {
      const doneMs: number[] = [];
      const { segments } = await transcribe(bench.speech, { onProgress: (ms) => doneMs.push(ms) });
      expect(segments.length).toBeGreaterThan(1);
      let lastMs = 0;
      for (const { startMs, endMs, text } of segments) {
        expect(startMs).toBeGreaterThanOrEqual(lastMs);
        expect(endMs).toBeGreaterThanOrEqual(startMs);
        expect(endMs).toBeLessThanOrEqual(bench.speech.durationMs);
        expect(text).toMatch(/^\S(.*\S)?$/u);
        lastMs = startMs;
      }
      expect(doneMs).toEqual([...doneMs].sort((a, b) => a - b));
      expect(Math.max(0, ...doneMs)).toBeLessThanOrEqual(bench.speech.durationMs);
    });

    it('hears nothing where nothing is said', async () => {
      expect((await transcribe(bench.silence)).segments).toEqual([]);
    });

    it('is stopped before it begins, and at once while it works', async () => {
      const stopped = transcribe(bench.speech, { signal: AbortSignal.abort() });
      await expect(stopped).rejects.toMatchObject({ code: 'aborted' });
      const before = performance.now();
      const meanwhile = transcribe(bench.speech, { signal: AbortSignal.timeout(20) });
      await expect(meanwhile).rejects.toMatchObject({ code: 'aborted' });
      expect(performance.now() - before).toBeLessThan(1500);
    });

    it('says that it is down, without a word of its maker or a path', async () => {
      const { down, downCode, speech } = bench;
      const options = { durationMs: speech.durationMs, signal: new AbortController().signal };
      const error: unknown = await down.transcribe(speech.path, options).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: downCode });
      const { message, details } = error as Error & { readonly details: unknown };
      expect(`${message} ${JSON.stringify(details)}`).not.toMatch(/[/\\]\w|ECONN|ENOENT|127\.0\.0\.1/);
    });
  });
}
