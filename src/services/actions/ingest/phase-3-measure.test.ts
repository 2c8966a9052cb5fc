import { describe, expect, it } from 'vitest';
import type { Loudness, MediaTool, SoundLevel } from '../../../domain/media-tool.ts';
import { createMemoryPorts } from '../../../../test/memory-ports.ts';
import { IngestProgress } from './ingest-progress.ts';
import { measure } from './phase-3-measure.ts';

const TARGET_LUFS = -16;
const SPEECH: SoundLevel = { integratedLufs: -18, peak: 0.3 };
const SPIKES: SoundLevel = { integratedLufs: -30, peak: 0.9 };

/** Hears `levels`, one at each moment. */
async function measureHearing(
  levels: readonly (readonly [doneMs: number, level: SoundLevel])[],
  durationMs: number | undefined,
  idleCores = 2,
) {
  const events: string[] = [];
  const loudness: Loudness = { ...SPEECH, durationMs: durationMs ?? 0, waveform: new Uint8Array() };
  const mediaTool: Partial<MediaTool> = {
    idleCores: () => idleCores,
    measureLoudness: async (_path, options) => {
      await Promise.resolve();
      for (const [doneMs, level] of levels) {
        options?.onReading?.(level, doneMs);
        events.push(`heard ${doneMs / 1000} s`);
      }
      return loudness;
    },
    encode: (_input, _output, _options, run) => {
      events.push('encode');
      return new Promise((_resolve, reject) => {
        run?.signal?.addEventListener('abort', () => {
          events.push('given up');
          reject(new Error('aborted'));
        });
      });
    },
  };
  const ports = createMemoryPorts({
    mediaTool: mediaTool as MediaTool,
    policy: { loudnessTargetLufs: TARGET_LUFS },
  });
  const run = {
    workDir: '/nowhere',
    progress: new IngestProgress(() => undefined),
    signal: new AbortController().signal,
  };
  const info = { format: { codec: 'flac', sampleRateHz: 44_100, channels: 2, bitrateKbps: 700 }, durationMs };
  const { ahead } = await measure(ports, 'in.flac', { info, scan: null }, run);
  return { events, isAhead: ahead !== null };
}

describe('the encode beside the measure', () => {
  it('begins at once where the sound is short, or nobody knows how long it is', async () => {
    for (const durationMs of [60_000, undefined]) {
      const { events, isAhead } = await measureHearing([[1000, SPEECH]], durationMs);
      expect(events).toEqual(['encode', 'heard 1 s']);
      expect(isAhead).toBe(true);
    }
  });

  it('begins once the beginning of a long one has been heard', async () => {
    const { events, isAhead } = await measureHearing(
      [
        [29_000, SPEECH],
        [30_000, SPEECH],
        [31_000, SPEECH],
      ],
      600_000,
    );
    expect(events).toEqual(['heard 29 s', 'encode', 'heard 30 s', 'heard 31 s']);
    expect(isAhead).toBe(true);
  });

  it('does not begin where a limiter is foreseen, and is given up where that shows later', async () => {
    const early = await measureHearing(
      [
        [30_000, SPIKES],
        [40_000, SPEECH],
      ],
      600_000,
    );
    expect(early).toEqual({ events: ['heard 30 s', 'heard 40 s'], isAhead: false });
    const late = await measureHearing(
      [
        [30_000, SPEECH],
        [90_000, SPIKES],
      ],
      600_000,
    );
    expect(late.events).toEqual(['encode', 'heard 30 s', 'given up', 'heard 90 s']);
  });

  it('does not begin where no core is free for it', async () => {
    expect(await measureHearing([[30_000, SPEECH]], 600_000, 1)).toEqual({
      events: ['heard 30 s'],
      isAhead: false,
    });
  });
});
