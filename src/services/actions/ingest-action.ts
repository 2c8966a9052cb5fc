import { AppError } from '../../domain/app-error.ts';
import type { PayloadSchema } from '../../domain/payload-schema.ts';
import type { JsonObject } from '../../domain/request.ts';
import { completeUpload } from '../complete-direct-upload.ts';
import { parseIngestJob, type IngestPorts } from '../ingest-job.ts';
import { DEFAULT_RETRY, type QueuedAction } from './action.ts';
import { ingest } from './ingest.ts';
import { settleFailure } from './ingest/settle-failure.ts';

/** What a client asks with: an upload of its own, begun by `POST /api/audio/uploads`, all parts of which were sent. */
export interface IngestOrderPayload {
  readonly upload_id: string;
}

type IngestActionPorts = IngestPorts & Parameters<typeof completeUpload>[0];

/** Speech of ten minutes, on a small machine. */
const EXPECTED_MS = 10_000;

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

    handle: (request, context) => ingest(ports, request, context),
  };
}
