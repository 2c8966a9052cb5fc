import { describe, expect, it } from 'vitest';
import {
  CALLER,
  makeSpokenWav,
  useTranscribeBenches,
  type TranscribeBench,
} from '../../../test/transcribe-bench.ts';
import { AppError } from '../../domain/app-error.ts';
import type { RecognizedSpeech } from '../../domain/speech-to-text.ts';
import { deleteTranscript, editTranscript } from '../edit-transcript.ts';
import { orderTranscription } from '../order-transcription.ts';
import { cancelRequest, retryRequest } from '../requests.ts';
import { setTranscriptStatus } from '../save-transcript.ts';
import { settleLostTranscription } from '../settle-transcription.ts';
import { readTranscriptObject } from '../transcript-object.ts';

const SPOKEN = makeSpokenWav(3, [1, 2]);
const HEARD: RecognizedSpeech = { segments: [{ startMs: 0, endMs: 500, text: 'what an engine heard' }] };

describe('a transcription, and what happens meanwhile', { timeout: 60_000 }, () => {
  const openBench = useTranscribeBenches();

  /** @param meanwhile what happens while the engine listens */
  async function open(meanwhile: (bench: TranscribeBench) => Promise<unknown> = async () => undefined) {
    const bench: TranscribeBench = await openBench({
      speech: { cacheTtlMs: 0 },
      hear: async () => {
        await meanwhile(bench);
        return HEARD;
      },
    });
    await bench.addFile('story.mp3', SPOKEN);
    return bench;
  }

  const order = (bench: TranscribeBench) => orderTranscription(bench.ports, CALLER, 'story.mp3', {});
  const find = async ({ ports }: TranscribeBench) => {
    const file = await ports.audioFiles.find('default', 'story.mp3');
    if (file === null) throw new Error('The file is gone.');
    return file;
  };
  const textOf = async (bench: TranscribeBench) => {
    const { transcriptKey } = await find(bench);
    if (transcriptKey === undefined) return null;
    const { text, segments } = await readTranscriptObject(bench.ports.objects, transcriptKey);
    return text ?? segments.map((segment) => segment.text).join(' ');
  };

  it('does not replace what a person writes', async () => {
    const bench = await open(({ ports }) =>
      editTranscript(ports, CALLER, 'story.mp3', { text: 'what was said' }),
    );
    await expect(bench.run(await order(bench))).rejects.toMatchObject({ code: 'conflict' });
    expect(await textOf(bench)).toBe('what was said');
    expect(await find(bench)).toMatchObject({ transcriptStatus: 'completed', transcriptError: undefined });
  });

  it('does not bring back what a person deletes', async () => {
    const bench = await open(({ ports }) => deleteTranscript(ports, CALLER, 'story.mp3'));
    await expect(bench.run(await order(bench))).rejects.toMatchObject({ code: 'conflict' });
    expect(await find(bench)).toMatchObject({ transcriptStatus: 'disabled', hasTranscript: false });
  });

  it('does not begin when a person has written it since it was asked for', async () => {
    const bench = await open();
    const request = await order(bench);
    await editTranscript(bench.ports, CALLER, 'story.mp3', { text: 'what was said' });
    await expect(bench.run(request)).rejects.toMatchObject({ code: 'conflict' });
    expect(bench.asked.count).toBe(0);
    expect(await textOf(bench)).toBe('what was said');
  });

  it('gives way to one that is asked for later', async () => {
    let later: Awaited<ReturnType<typeof order>> | undefined;
    const bench = await open(async (opened) => {
      later ??= await order(opened);
    });
    await expect(bench.run(await order(bench))).rejects.toMatchObject({ code: 'conflict' });
    expect(await find(bench)).toMatchObject({
      transcriptStatus: 'pending',
      transcriptRequestId: later?.requestId,
    });
    if (later === undefined) throw new Error('Nothing was asked for.');
    await bench.run(later);
    expect(await find(bench)).toMatchObject({ transcriptStatus: 'completed' });
  });

  it('is not said to be under way when it was cancelled just before it began', async () => {
    const cancelled = new AbortController();
    const bench = await open(async () => {
      cancelled.abort(new AppError('cancelled', 'Cancelled.'));
      cancelled.signal.throwIfAborted();
    });
    const request = await order(bench);
    await cancelRequest(bench.ports, CALLER, request.requestId);
    expect(await find(bench)).toMatchObject({ transcriptStatus: 'cancelled' });
    await expect(bench.run(request, { signal: cancelled.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(await find(bench)).toMatchObject({ transcriptStatus: 'cancelled' });
  });

  it('says that it is completed when it is cancelled as it ends', async () => {
    const bench = await open();
    const request = await order(bench);
    await bench.run(request);
    await cancelRequest(bench.ports, CALLER, request.requestId);
    expect(await find(bench)).toMatchObject({ transcriptStatus: 'completed', hasTranscript: true });
  });

  it('stays completed when somebody tries to begin it anew', async () => {
    const bench = await open();
    const { requestId } = await order(bench);
    const [claimed] = await bench.ports.queue.claim(['transcribe'], 10_000, 1);
    if (claimed === undefined) throw new Error('Nothing to claim.');
    await bench.run(claimed.request);
    await bench.ports.queue.complete(claimed.lease, {});
    const again = retryRequest(bench.ports, CALLER, requestId);
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
    expect(await find(bench)).toMatchObject({ transcriptStatus: 'completed' });
  });

  it('is of the request again that is begun anew', async () => {
    const bench = await open();
    const request = await order(bench);
    await cancelRequest(bench.ports, CALLER, request.requestId);
    await editTranscript(bench.ports, CALLER, 'story.mp3', { text: 'not good' });
    await retryRequest(bench.ports, CALLER, request.requestId);
    await bench.run(request);
    expect(await textOf(bench)).toBe('what an engine heard');
  });

  it('is settled when it is looked at, where a server was killed between two steps', async () => {
    const bench = await open();
    const { ports } = bench;
    const look = async () => settleLostTranscription(ports, await find(bench));
    const { requestId } = await order(bench);
    expect(await look()).toMatchObject({ transcriptStatus: 'pending' });
    // Without what follows on a cancel.
    await ports.queue.cancel(requestId);
    expect(await look()).toMatchObject({ transcriptStatus: 'cancelled' });
    await setTranscriptStatus(ports, 'default', 'story.mp3', 'pending', { requestId: 'never-queued' });
    const lost = { transcriptStatus: 'failed', transcriptError: 'The work on it was never finished.' };
    expect(await look()).toMatchObject(lost);
    expect(await find(bench)).toMatchObject(lost);
  });
});
