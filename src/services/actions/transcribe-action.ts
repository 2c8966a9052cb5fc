import { AppError } from '../../domain/app-error.ts';
import type { PayloadSchema } from '../../domain/payload-schema.ts';
import { orderTranscription } from '../order-transcription.ts';
import { setTranscriptStatus } from '../save-transcript.ts';
import { isOfUpload, parseTranscribeJob, type TranscribeFilePayload } from '../transcribe-job.ts';
import { DEFAULT_RETRY, type QueuedAction } from './action.ts';
import { settleCancelled, settleTranscribeFailure, transcribe, type TranscribePorts } from './transcribe.ts';

type TranscribeActionPorts = TranscribePorts & Parameters<typeof orderTranscription>[0];

/** Ten minutes of speech, by an engine of this machine. */
const EXPECTED_MS = 90_000;

/** Has an engine hear what is said. */
export function transcribeAction(
  ports: TranscribeActionPorts,
  payload: PayloadSchema<TranscribeFilePayload>,
): QueuedAction<TranscribeFilePayload> {
  return {
    kind: 'queued',
    name: 'transcribe',
    summary: 'Transcribes a file of the library.',
    permission: 'write',
    payload,
    expectedMs: EXPECTED_MS,
    concurrency: ports.policy.speech.concurrency,
    retry: DEFAULT_RETRY,

    async submit(caller, { filename, language }, origin) {
      const { requestId } = await orderTranscription(ports, caller, filename, { language }, origin);
      return { kind: 'queued', requestId };
    },

    async checkRetry(request) {
      const job = parseTranscribeJob(request);
      if (!isOfUpload(job)) {
        const { requestId } = job;
        await setTranscriptStatus(ports, job.tenantId, job.payload.filename, 'pending', { requestId });
      } else if ((await ports.objects.find(job.payload.upload_key)) === null) {
        throw new AppError('conflict', 'The upload is not kept any more. Upload the file again.');
      }
    },

    onCancelled: (request) => settleCancelled(ports, parseTranscribeJob(request)),

    // Not before: until then, another worker may have to begin anew.
    async onCompleted(request) {
      const job = parseTranscribeJob(request);
      if (isOfUpload(job)) await ports.objects.delete(job.payload.upload_key);
    },

    async onGivenUp(request) {
      const message = request.error?.message ?? 'The work on it was never finished.';
      await settleTranscribeFailure(ports, parseTranscribeJob(request), message, true);
    },

    handle: (request, context) => transcribe(ports, request, context),
  };
}
