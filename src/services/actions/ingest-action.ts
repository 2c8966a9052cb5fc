import { AppError, isAlreadyExists } from '../../domain/app-error.ts';
import type { PayloadSchema } from '../../domain/payload-schema.ts';
import type { AsyncRequest, JsonObject } from '../../domain/request.ts';
import { completeUpload } from '../complete-direct-upload.ts';
import { parseIngestJob, type IngestPorts } from '../ingest-job.ts';
import { enqueueTranscription } from '../order-transcription.ts';
import type { Ports } from '../ports.ts';
import { DEFAULT_RETRY, type QueuedAction } from './action.ts';
import { ingest } from './ingest.ts';
import { settleFailure } from './ingest/settle-failure.ts';

/** What a client asks with: an upload of its own, begun by `POST /api/audio/uploads`, all parts of which were sent. */
export interface IngestOrderPayload {
  readonly upload_id: string;
}

type IngestActionPorts = IngestPorts &
  Parameters<typeof completeUpload>[0] &
  Parameters<typeof enqueueTranscription>[0] &
  Pick<Ports, 'speechToText'>;

/** Speech of ten minutes, on a small machine. */
const EXPECTED_MS = 10_000;

/** With `TRANSCRIBE_ON_UPLOAD`. Asked for once, however often the end of an ingest is come to. */
async function transcribeIngested(ports: IngestActionPorts, request: AsyncRequest): Promise<void> {
  if (!ports.policy.speech.transcribeOnUpload || ports.speechToText === null) return;
  const { requestId, tenantId, userId, payload } = parseIngestJob(request);
  const transcription = `${requestId}-transcribe`;
  // It may have ended by now: what the record says of it is not set back.
  if ((await ports.queue.find(transcription)) !== null) return;
  const file = await ports.audioFiles.find(tenantId, payload.filename);
  if (file?.requestId !== requestId || file.part === undefined || file.hasTranscript) return;
  try {
    await enqueueTranscription(ports, file, transcription, userId, { filename: file.filename });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** Takes audio into the library. */
export function ingestAction(
  ports: IngestActionPorts,
  payload: PayloadSchema<IngestOrderPayload>,
): QueuedAction<IngestOrderPayload> {
  return {
    kind: 'queued',
    name: 'ingest',
    summary: 'Takes a direct upload, all parts of which were sent, into the library.',
    permission: 'write',
    payload,
    expectedMs: EXPECTED_MS,
    retry: DEFAULT_RETRY,

    async submit(caller, { upload_id: uploadId }, origin) {
      const outcome = await completeUpload(ports, caller, uploadId, origin);
      if (outcome.kind === 'accepted') return { kind: 'queued', requestId: outcome.requestId };
      const result: JsonObject = { filename: outcome.file.filename, duplicate: true };
      return { kind: 'done', result };
    },

    async checkRetry(request) {
      const { upload_key: key } = parseIngestJob(request).payload;
      if ((await ports.objects.find(key)) !== null) return;
      throw new AppError('conflict', 'The upload is not kept any more. Upload the file again.');
    },

    async onCancelled(request) {
      const failure = { code: 'cancelled', message: 'It was cancelled.', retryable: false } as const;
      await settleFailure(ports, parseIngestJob(request), failure);
    },

    async handle(request, context) {
      const result = await ingest(ports, request, context);
      await transcribeIngested(ports, request);
      return result;
    },
  };
}
