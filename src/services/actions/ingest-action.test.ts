import { describe, expect, it } from 'vitest';
import { openIngestBench } from '../../../test/ingest-bench.ts';
import { makeToneWav } from '../../../test/made-audio.ts';
import { anyPayload } from '../../../test/test-actions.ts';
import type { PayloadSchema } from '../../domain/payload-schema.ts';
import type { SpeechToText } from '../../domain/speech-to-text.ts';
import { LOCAL_CALLER } from '../authenticate.ts';
import { cancelRequest, retryRequest } from '../requests.ts';
import { saveTranscript } from '../save-transcript.ts';
import { createActionRegistry } from './action-registry.ts';
import { ingestAction, type IngestOrderPayload } from './ingest-action.ts';

const CALLER = { ...LOCAL_CALLER, userId: 'user' };

describe('the action ingest', { timeout: 60_000 }, () => {
  async function open() {
    const bench = await openIngestBench();
    const payload = anyPayload as PayloadSchema<never> as PayloadSchema<IngestOrderPayload>;
    const ports = { ...bench.ports, actions: createActionRegistry([ingestAction(bench.ports, payload)]) };
    const request = await bench.upload(makeToneWav({ seconds: 1 }), {});
    return { bench, ports, requestId: request.requestId };
  }

  it('leaves nothing behind when it is cancelled, and cannot be begun anew then', async () => {
    const { bench, ports, requestId } = await open();
    expect(await cancelRequest(ports, CALLER, requestId)).toMatchObject({ status: 'CANCELLED' });
    expect(await bench.leftovers()).toEqual([]);
    expect(await ports.audioFiles.find('default', 'story.mp3')).toBeNull();
    const again = retryRequest(ports, CALLER, requestId);
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
    expect(await ports.queue.find(requestId)).toMatchObject({ status: 'CANCELLED' });
    await bench.close();
  });

  it('can be begun anew as long as the upload is there', async () => {
    const { bench, ports, requestId } = await open();
    const [claimed] = await ports.queue.claim(['ingest'], 10_000, 1);
    if (claimed === undefined) throw new Error('Nothing to claim.');
    await ports.queue.fail(claimed.lease, { code: 'tool_unavailable', message: 'Away.', retryable: true });
    expect(await retryRequest(ports, CALLER, requestId)).toMatchObject({ status: 'PENDING', attempt: 0 });
    await bench.close();
  });

  it('asks for a transcript once, and sets none back that is there when its end is come to again', async () => {
    const speechToText: SpeechToText = {
      kind: 'pocketsphinx',
      id: 'test',
      input: { format: 'wav', maxPieceMs: 60_000 },
      isLocal: true,
      describe: async () => ({ kind: 'pocketsphinx', model: 'test' }),
      transcribe: async () => ({ segments: [] }),
    };
    const bench = await openIngestBench();
    const { policy } = bench.ports;
    const ports = {
      ...bench.ports,
      speechToText,
      policy: { ...policy, speech: { ...policy.speech, transcribeOnUpload: true } },
    };
    const payload = anyPayload as PayloadSchema<never> as PayloadSchema<IngestOrderPayload>;
    const request = await bench.upload(makeToneWav({ seconds: 1 }), {});
    const context = {
      signal: new AbortController().signal,
      log: ports.log,
      isLastAttempt: false,
      report: () => undefined,
    };
    const find = () => ports.audioFiles.find('default', 'story.mp3');
    await ingestAction(ports, payload).handle(request, context);
    expect(await find()).toMatchObject({ transcriptStatus: 'pending' });
    const [claimed] = await ports.queue.claim(['transcribe'], 10_000, 2);
    if (claimed === undefined) throw new Error('Nothing was asked for.');
    const options = { ofRequestId: claimed.request.requestId };
    const transcript = { segments: [{ startMs: 0, endMs: 1, text: 'Hum.' }], source: 'test' };
    await saveTranscript(ports, 'default', 'story.mp3', transcript, options);
    await ports.queue.complete(claimed.lease, {});
    await ingestAction(ports, payload).handle(request, context);
    expect(await find()).toMatchObject({ transcriptStatus: 'completed' });
    expect(await ports.queue.claim(['transcribe'], 10_000, 2)).toEqual([]);
    await bench.close();
  });
});
