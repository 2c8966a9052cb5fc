import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { findNativeFfmpeg } from '../../../test/any-ffmpeg.ts';
import {
  CALLER,
  makeSpokenWav,
  useTranscribeBenches,
  type TranscribeBench,
} from '../../../test/transcribe-bench.ts';
import { AppError, type ErrorCode } from '../../domain/app-error.ts';
import { orderTranscription } from '../order-transcription.ts';
import { readTranscriptObject } from '../transcript-object.ts';

const SPOKEN = makeSpokenWav(6, [2, 4]);

const nativeFfmpeg = await findNativeFfmpeg();

async function encodeFlac(wav: Uint8Array): Promise<Buffer> {
  const ffmpeg = spawn(nativeFfmpeg ?? 'ffmpeg', ['-v', 'error', '-i', 'pipe:0', '-f', 'flac', 'pipe:1']);
  ffmpeg.stdin.end(wav);
  return buffer(ffmpeg.stdout);
}

describe('the action transcribe', { timeout: 60_000 }, () => {
  const open = useTranscribeBenches();

  const order = (bench: TranscribeBench, filename = 'story.mp3', language?: string) =>
    orderTranscription(bench.ports, CALLER, filename, { language });

  const find = async (bench: TranscribeBench, filename = 'story.mp3') => {
    const file = await bench.ports.audioFiles.find('default', filename);
    if (file === null) throw new Error('The file is gone.');
    return file;
  };

  it('keeps what an engine hears, in the time of the recording, and finds its words', async () => {
    let given = { bytes: 0, durationMs: 0, language: '' as string | undefined };
    const bench = await open({
      hear: async (path, { durationMs, language, onProgress }) => {
        given = { bytes: (await stat(path)).size, durationMs, language };
        onProgress?.(durationMs / 2);
        return { segments: [{ startMs: 400, endMs: 1400, text: 'Hello moon.' }], language: 'en' };
      },
    });
    await bench.addFile('story.mp3', SPOKEN);
    const request = await order(bench);
    expect(await find(bench)).toMatchObject({
      transcriptStatus: 'pending',
      transcriptRequestId: request.requestId,
    });
    const reports: number[] = [];
    const result = await bench.run(request, { report: (percentage) => reports.push(percentage) });
    expect(result).toEqual({ filename: 'story.mp3', language: 'en', engine: 'test:1', segment_count: 1 });
    // Two seconds of tone, and a margin on either side.
    expect(given).toEqual({ bytes: 44 + 2800 * 32, durationMs: 2800, language: undefined });
    expect(reports).toEqual([...reports].sort((one, other) => one - other));
    expect(reports.some((percentage) => percentage > 50 && percentage < 60)).toBe(true);
    const file = await find(bench);
    expect(file).toMatchObject({
      transcriptStatus: 'completed',
      hasTranscript: true,
      transcriptLanguage: 'en',
    });
    const transcript = await readTranscriptObject(bench.ports.objects, file.transcriptKey ?? '');
    expect(transcript.segments).toEqual([{ startMs: 2000, endMs: 3000, text: 'Hello moon.' }]);
    const [found] = await bench.ports.audioFiles.search('default', 'moon', 5);
    expect(found?.file.filename).toBe('story.mp3');
  });

  it('gives a long recording piece by piece', async () => {
    const lengths: number[] = [];
    const bench = await open({
      engine: { input: { format: 'mp3', maxPieceMs: 5000 } },
      hear: async (_path, { durationMs }) => {
        lengths.push(durationMs);
        return { segments: [{ startMs: 1069, endMs: 1500, text: `part ${lengths.length}` }] };
      },
    });
    await bench.addFile('story.mp3', makeSpokenWav(12, [0, 3], [4, 8], [9, 12]));
    await bench.run(await order(bench));
    expect(lengths).toHaveLength(3);
    const { transcriptKey = '' } = await find(bench);
    const { segments } = await readTranscriptObject(bench.ports.objects, transcriptKey);
    // Cut in the middle of the pauses, at the next frame of MP3.
    for (const [index, atMs] of [1000, 4500, 9500].entries()) {
      expect(Math.abs((segments[index]?.startMs ?? NaN) - atMs)).toBeLessThan(80);
    }
    expect(segments.map(({ text }) => text)).toEqual(['part 1', 'part 2', 'part 3']);
  });

  it('asks no engine about silence', async () => {
    const bench = await open();
    await bench.addFile('story.mp3', makeSpokenWav(3));
    await expect(bench.run(await order(bench))).rejects.toMatchObject({ code: 'no_speech' });
    expect(bench.asked.count).toBe(0);
    expect(await find(bench)).toMatchObject({
      transcriptStatus: 'failed',
      hasTranscript: false,
      transcriptError: 'Nothing is said in this recording, as far as can be heard.',
    });
  });

  it('takes a tenth of a second', async () => {
    const bench = await open();
    await bench.addFile('story.mp3', makeSpokenWav(0.1, [0, 0.1]));
    await bench.run(await order(bench));
    expect(await find(bench)).toMatchObject({ hasTranscript: true });
  });

  it('says so when an engine hears nothing', async () => {
    const bench = await open({ hear: async () => ({ segments: [] }) });
    await bench.addFile('story.mp3', SPOKEN);
    await expect(bench.run(await order(bench))).rejects.toMatchObject({ code: 'no_speech' });
  });

  it.each<[ErrorCode, boolean]>([
    ['engine_unavailable', true],
    ['engine_timeout', true],
    ['engine_refused', false],
    ['unsupported_media', false],
  ])('says whether trying again helps: %s', async (code, isRetryable) => {
    const bench = await open({
      hear: async () => {
        throw new AppError(code, 'The engine says no.');
      },
    });
    await bench.addFile('story.mp3', SPOKEN);
    const request = await order(bench);
    await expect(bench.run(request, { isLastAttempt: false })).rejects.toMatchObject({ code });
    const settled = { transcriptStatus: 'failed', transcriptError: 'The engine says no.' };
    expect(await find(bench)).toMatchObject(isRetryable ? { transcriptStatus: 'processing' } : settled);
    await expect(bench.run(request)).rejects.toMatchObject({ code });
    expect(await find(bench)).toMatchObject(settled);
  });

  it('leaves a transcript that is there as it is when a second run fails, or is cancelled', async () => {
    let isDown = false;
    const bench = await open({
      speech: { cacheTtlMs: 0 },
      hear: async () => {
        if (isDown) throw new AppError('engine_refused', 'Not any more.');
        return { segments: [{ startMs: 0, endMs: 1, text: 'kept' }] };
      },
    });
    await bench.addFile('story.mp3', SPOKEN);
    await bench.run(await order(bench));
    const { transcriptKey } = await find(bench);
    isDown = true;
    await expect(bench.run(await order(bench))).rejects.toMatchObject({ code: 'engine_refused' });
    expect(await find(bench)).toMatchObject({
      transcriptStatus: 'failed',
      hasTranscript: true,
      transcriptKey,
    });
    const request = await order(bench);
    await bench.ports.actions.queued.get('transcribe')?.onCancelled?.(request);
    expect(await find(bench)).toMatchObject({ transcriptStatus: 'completed', transcriptKey });
    expect(await bench.ports.audioFiles.search('default', 'kept', 5)).toHaveLength(1);
  });

  it('says so when its workers died, time after time, and nothing of a later one', async () => {
    const bench = await open();
    await bench.addFile('story.mp3', SPOKEN);
    const request = await order(bench);
    const giveUp = () => bench.ports.actions.queued.get('transcribe')?.onGivenUp?.(request);
    await giveUp();
    const settled = { transcriptStatus: 'failed', transcriptError: 'The work on it was never finished.' };
    expect(await find(bench)).toMatchObject(settled);
    await order(bench);
    await giveUp();
    expect(await find(bench)).toMatchObject({ transcriptStatus: 'pending' });
  });

  it('ends at once when it is cancelled, wherever it is', async () => {
    const cancelled = new AbortController();
    const bench = await open({
      hear: async (_path, { signal }) => {
        cancelled.abort(new AppError('cancelled', 'Cancelled.'));
        signal.throwIfAborted();
        return { segments: [] };
      },
    });
    await bench.addFile('story.mp3', SPOKEN);
    const request = await order(bench);
    await expect(bench.run(request, { signal: cancelled.signal })).rejects.toThrow();
    await expect(bench.run(request, { signal: cancelled.signal })).rejects.toThrow();
    expect(bench.asked.count).toBe(1);
    await bench.ports.actions.queued.get('transcribe')?.onCancelled?.(request);
    expect(await find(bench)).toMatchObject({ transcriptStatus: 'cancelled', hasTranscript: false });
  });

  it('has no room: says so before an engine is asked', async () => {
    const bench = await open({ workspaceBytes: SPOKEN.length + 1000 });
    await bench.addFile('story.mp3', SPOKEN);
    await expect(bench.run(await order(bench))).rejects.toMatchObject({ code: 'insufficient_storage' });
    expect(bench.asked.count).toBe(0);
  });

  it.skipIf(nativeFfmpeg === null)('has no room for what is longer than its header says', async () => {
    const flac = await encodeFlac(makeSpokenWav(60, [1, 59]));
    // STREAMINFO (RFC 9639, 8.2): 36 bits of samples, of which one second is left.
    flac.writeUInt32BE(16_000, 22);
    const ofSeconds = (seconds: number) => flac.length + 2 * (44 + seconds * 32_000);
    const bench = await open({ workspaceBytes: ofSeconds(30) });
    await bench.addFile('story.mp3', flac);
    await expect(bench.run(await order(bench))).rejects.toMatchObject({ code: 'insufficient_storage' });
    expect(bench.asked.count).toBe(0);
    const larger = await open({ workspaceBytes: ofSeconds(62) });
    await larger.addFile('story.mp3', flac);
    await larger.run(await order(larger));
    expect(await find(larger)).toMatchObject({ hasTranscript: true });
  });

  it('asks an engine once about the same recording in the same language, for a time', async () => {
    let nowMs = Date.now();
    const bench = await open({ ports: { clock: () => nowMs } });
    for (const filename of ['one.mp3', 'two.mp3']) await bench.addFile(filename, SPOKEN);
    await bench.addFile('three.mp3', SPOKEN, { tenantId: 'other' });
    await bench.run(await order(bench, 'one.mp3'));
    await bench.run(await order(bench, 'two.mp3'));
    expect(bench.asked.count).toBe(1);
    expect(await find(bench, 'two.mp3')).toMatchObject({ hasTranscript: true });
    await bench.run(await order(bench, 'one.mp3', 'de'));
    expect(bench.asked.count).toBe(2);
    const elsewhere = { ...CALLER, tenantId: 'other' };
    await bench.run(await orderTranscription(bench.ports, elsewhere, 'three.mp3', {}));
    expect(bench.asked.count).toBe(3);
    nowMs += bench.ports.policy.speech.cacheTtlMs + 60_000;
    await bench.run(await order(bench, 'one.mp3'));
    expect(bench.asked.count).toBe(4);
  });

  it('needs no cache: what was heard is there even if it cannot be kept', async () => {
    const bench = await open();
    const { objects } = bench.ports;
    const write = objects.write.bind(objects);
    objects.write = async (key, ...rest) => {
      if (key.startsWith('heard/')) throw new AppError('insufficient_storage', 'Full.');
      return write(key, ...rest);
    };
    await bench.addFile('story.mp3', SPOKEN);
    await bench.run(await order(bench));
    expect(await find(bench)).toMatchObject({ hasTranscript: true });
  });

  it('drops what it heard when the file has other audio by then', async () => {
    const bench = await open({
      hear: async () => {
        const file = await find(bench);
        await bench.ports.audioFiles.save({ ...file, originalSha256: 'other' }, file.revision);
        return { segments: [{ startMs: 0, endMs: 1, text: 'old' }] };
      },
    });
    await bench.addFile('story.mp3', SPOKEN);
    await expect(bench.run(await order(bench))).rejects.toMatchObject({ code: 'conflict' });
    expect(await find(bench)).toMatchObject({ hasTranscript: false });
  });

  it('needs an engine, and audio', async () => {
    const bench = await open({ engine: null });
    await bench.addFile('story.mp3', SPOKEN);
    await bench.addFile('coming.mp3', SPOKEN, { state: 'processing', part: undefined });
    await expect(order(bench)).rejects.toMatchObject({ code: 'engine_unavailable' });
    await expect(order(bench, 'coming.mp3')).rejects.toMatchObject({ code: 'not_ready' });
    await expect(order(bench, 'none.mp3')).rejects.toMatchObject({ code: 'not_found' });
    await expect(order(bench, 'story.mp3', 'no language')).rejects.toMatchObject({ code: 'invalid_input' });
    expect(await find(bench)).toMatchObject({ transcriptStatus: 'disabled' });
  });
});
