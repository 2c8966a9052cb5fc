import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CALLER,
  makeSpokenWav,
  useTranscribeBenches,
  type TranscribeBench,
} from '../../../test/transcribe-bench.ts';
import { orderUploadTranscription } from '../order-transcription.ts';

const SPOKEN = makeSpokenWav(6, [2, 4]);

describe('the action transcribe, of an upload', { timeout: 60_000 }, () => {
  const open = useTranscribeBenches();

  async function upload(
    bench: TranscribeBench,
    part: { readonly fromS?: number; readonly toS?: number } = {},
    bytes = SPOKEN,
  ) {
    const path = join(bench.tempDir, 'upload');
    await writeFile(path, bytes);
    const received = { path, sizeBytes: bytes.length, sha256: 'sha' };
    return orderUploadTranscription(bench.ports, CALLER, received, {
      ...part,
      originalFilename: 'memo.caf',
    });
  }

  it('tells what is said, and keeps nothing', async () => {
    const seen: string[] = [];
    const bench = await open({
      hear: async (path) => {
        seen.push((await readFile(path)).subarray(0, 4).toString('latin1'));
        return { segments: [{ startMs: 400, endMs: 900, text: 'buy milk' }], language: 'en' };
      },
    });
    const request = await upload(bench);
    expect(await bench.run(request)).toEqual({
      language: 'en',
      engine: 'test:1',
      duration: 6,
      transcript: 'buy milk',
      segments: [{ start_s: 2, end_s: 2.5, text: 'buy milk' }],
    });
    expect(seen).toEqual(['RIFF']);
    expect((await bench.ports.audioFiles.list('default', { sort: 'name', limit: 9 })).items).toEqual([]);
    expect((await bench.ports.objects.list('heard/', { limit: 9 })).items).toEqual([]);
    // Until the result is written, another worker may have to begin anew.
    expect(await bench.leftovers()).toEqual([`uploads/${request.requestId}`]);
    await bench.ports.actions.queued.get('transcribe')?.onCompleted?.(request);
  });

  it('hears only the part that is meant', async () => {
    const lengths: number[] = [];
    const bench = await open({
      hear: async (_path, { durationMs }) => {
        lengths.push(durationMs);
        return { segments: [{ startMs: 0, endMs: 500, text: 'part' }] };
      },
    });
    const request = await upload(bench, { fromS: 3, toS: 3.5 });
    expect(await bench.run(request)).toMatchObject({ segments: [{ start_s: 3, end_s: 3.5 }] });
    expect(lengths).toEqual([500]);
    await bench.ports.actions.queued.get('transcribe')?.onCompleted?.(request);
  });

  it('refuses a part that is not there, and what is no audio', async () => {
    const bench = await open();
    await expect(upload(bench, { fromS: 4, toS: 4 })).rejects.toMatchObject({
      errors: [{ field: 'to_s' }],
    });
    const request = await upload(bench, { fromS: 60 });
    await expect(bench.run(request, { isLastAttempt: false })).rejects.toMatchObject({
      code: 'invalid_input',
      errors: [{ field: 'from_s', message: 'The recording is 6.0 s long.' }],
    });
    const noise = new Uint8Array(5000).fill(7);
    await expect(upload(bench, {}, noise)).rejects.toMatchObject({ code: 'unsupported_media' });
  });

  it('leaves nothing when it is cancelled', async () => {
    const bench = await open();
    const request = await upload(bench);
    await bench.ports.actions.queued.get('transcribe')?.onCancelled?.(request);
  });
});
