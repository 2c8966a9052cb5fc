import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findNativeFfmpeg } from '../../../test/any-ffmpeg.ts';
import { makeWav } from '../../../test/made-audio.ts';
import { silentLog } from '../../../test/silent-log.ts';
import type { MediaTool } from '../../domain/media-tool.ts';
import { planSpeech } from '../../domain/speech-plan.ts';
import { toSoundMs, type SpeechDecoder, type SpeechPiece } from '../../domain/speech-sound.ts';
import { nativeCommand, wasmCommand } from './ffmpeg-command.ts';
import { createFfmpegMediaTool } from './ffmpeg-media-tool.ts';

const SAMPLES_PER_MS = 16;
/** Of a WAV. */
const HEADER_BYTES = 44;
/** When a tone is heard, in seconds; silence around. */
const TONES = [
  [2, 4],
  [9, 10],
] as const;
const SECONDS = 12;

/** A frame of MP3 is 36 ms. */
const NEAR_MS = 40;

const native = await findNativeFfmpeg();
const commands = [...(native === null ? [] : [nativeCommand(native)]), wasmCommand()];

describe.each(commands)('speech by ffmpeg: $kind', { timeout: 60_000 }, (command) => {
  let dir: string;
  let tool: MediaTool & SpeechDecoder;
  let files = 0;
  const next = () => join(dir, String((files += 1)));

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    tool = createFfmpegMediaTool(command, { tempDir: dir, maxAudioHours: 1, log: silentLog, maxRuns: 2 });
    const format = { seconds: SECONDS, sampleRateHz: 44_100, channels: 2 };
    const wav = makeWav(format, (sample) => {
      const atS = sample / 44_100;
      return TONES.some(([from, to]) => atS >= from && atS < to)
        ? 0.5 * Math.sin(atS * 2 * Math.PI * 440)
        : 0;
    });
    await writeFile(join(dir, 'input.wav'), wav);
  });
  afterAll(() => rm(dir, { recursive: true }));

  /** When each tone begins in a piece, in milliseconds. */
  async function tonesOf(piece: SpeechPiece): Promise<number[]> {
    const sound = await tool.decodeSpeech(piece.path, 'wav', next());
    const pcm = await readFile(sound.path);
    const starts: number[] = [];
    let quietMs = Infinity;
    for (let atMs = 0; atMs * SAMPLES_PER_MS * 2 < pcm.length; atMs += 1) {
      let peak = 0;
      for (let sample = atMs * SAMPLES_PER_MS; sample < (atMs + 1) * SAMPLES_PER_MS; sample += 1) {
        if (sample * 2 + 1 < pcm.length) peak = Math.max(peak, Math.abs(pcm.readInt16LE(sample * 2)));
      }
      if (peak > 4000 && quietMs > 200) starts.push(atMs);
      quietMs = peak > 4000 ? 0 : quietMs + 1;
    }
    return starts;
  }

  it.each(['wav', 'mp3'] as const)('finds the silences, and cuts where it is told: %s', async (format) => {
    const input = join(dir, 'input.wav');
    const sound = await tool.decodeSpeech(input, format, next());
    expect(Math.abs(sound.durationMs - SECONDS * 1000)).toBeLessThan(NEAR_MS);
    const expected = [
      [0, 2000],
      [4000, 9000],
      [10_000, SECONDS * 1000],
    ] as const;
    expect(sound.silences).toHaveLength(expected.length);
    for (const [index, [startMs, endMs]] of expected.entries()) {
      expect(Math.abs((sound.silences[index]?.startMs ?? NaN) - startMs)).toBeLessThan(NEAR_MS);
      expect(Math.abs((sound.silences[index]?.endMs ?? NaN) - endMs)).toBeLessThan(NEAR_MS);
    }

    for (const trimPauses of [false, true]) {
      const [spans = []] = planSpeech(sound, { trimPauses, maxPieceMs: 60_000 });
      const piece = await tool.cutSpeech(sound, spans, next());
      expect(piece.spans).toHaveLength(trimPauses ? 2 : 1);
      // From the first tone to the last, with 400 ms on either side.
      expect(Math.abs((piece.spans[0]?.startMs ?? NaN) - 1600)).toBeLessThan(NEAR_MS);
      expect(Math.abs((piece.spans.at(-1)?.endMs ?? NaN) - piece.delayMs - 10_400)).toBeLessThan(NEAR_MS);
      const starts = await tonesOf(piece);
      expect(starts).toHaveLength(TONES.length);
      for (const [index, [fromS]] of TONES.entries()) {
        const heardMs = toSoundMs(piece, starts[index] ?? NaN);
        expect(Math.abs(heardMs - fromS * 1000)).toBeLessThan(NEAR_MS);
      }
    }
    const { size } = await stat(sound.path);
    const bound = tool.speechBytes(format, SECONDS * 1000);
    expect(size).toBeLessThan(bound * 1.02);
    expect(size).toBeGreaterThan(bound * 0.95);
  });

  it('writes a WAV that says how long it is, and no longer than what was asked for', async () => {
    const sound = await tool.decodeSpeech(join(dir, 'input.wav'), 'wav', next(), { maxMs: 3000 });
    expect(sound.durationMs).toBe(3000);
    const piece = await tool.cutSpeech(sound, [{ startMs: 1900, endMs: 99_000 }], next());
    expect(piece).toMatchObject({ durationMs: 1100, spans: [{ startMs: 1900, endMs: 3000 }], delayMs: 0 });
    const wav = await readFile(piece.path);
    expect(wav.length).toBe(HEADER_BYTES + 1100 * SAMPLES_PER_MS * 2);
    expect(wav.readUInt32LE(40)).toBe(wav.length - HEADER_BYTES);
    expect(await tool.probe(piece.path)).toMatchObject({ format: { sampleRateHz: 16_000, channels: 1 } });
  });

  it('stops when told to', async () => {
    const controller = new AbortController();
    controller.abort();
    const decoding = tool.decodeSpeech(join(dir, 'input.wav'), 'mp3', next(), { signal: controller.signal });
    await expect(decoding).rejects.toMatchObject({ code: 'aborted' });
    const sound = await tool.decodeSpeech(join(dir, 'input.wav'), 'wav', next());
    const cutting = tool.cutSpeech(sound, [{ startMs: 0, endMs: 1000 }], next(), controller.signal);
    await expect(cutting).rejects.toMatchObject({ code: 'aborted' });
  });
});
