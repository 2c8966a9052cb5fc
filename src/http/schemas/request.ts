import { z } from 'zod';
import { ERROR_CODES } from '../../domain/app-error.ts';
import {
  REQUEST_STATUSES,
  type AsyncRequest,
  type FailedAttempt,
  type JsonObject,
  type RequestFailure,
} from '../../domain/request.ts';
import { showDebugFiles } from '../../services/debug-files.ts';
import { keptResultOf } from '../../services/kept-result.ts';
import type { Ports } from '../../services/ports.ts';
import type { RequestOrder } from '../../services/submit-request.ts';
import { pagingAnswer, pagingQuery, timeSchema, toWireTime } from './paging.ts';

export const requestIdSchema = z
  .string()
  .min(1)
  .max(100)
  .meta({ examples: ['q4mYb0b1R0a8s2h9u1cY3w'] });

export const requestParams = z.object({ id: requestIdSchema });

const actionName = z
  .string()
  .min(1)
  .max(100)
  .meta({ examples: ['ingest'] });

/** What is asked for, over HTTP and over a WebSocket. */
export const requestOrderShape = {
  action: actionName,
  payload: z.unknown().optional().meta({ description: 'As the action needs it.' }),
  metadata: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'Comes back with every event of the request; at most 4 KB as JSON.' }),
};

export const requestOrder = z.object(requestOrderShape).meta({
  examples: [{ action: 'ingest', payload: { upload_id: 'u7Jc0…' }, metadata: { row: 3 } }],
});

const attemptSchema = z.object({
  attempt: z.int(),
  at: timeSchema,
  code: z.enum(ERROR_CODES),
  message: z.string(),
});

const errorSchema = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  retryable: z
    .boolean()
    .meta({ description: 'Whether trying again can help: `POST …/retry`, once it is FAILED.' }),
  errors: z
    .array(z.object({ field: z.string(), message: z.string() }))
    .optional()
    .meta({ description: 'The fields of the payload that are at fault.' }),
  attempts: z
    .array(attemptSchema)
    .optional()
    .meta({ description: 'What was tried, the first first; the last 20.' }),
  error_type: z.string().optional().meta({ description: 'Where debug files were kept: the code again.' }),
  user_id: z.string().optional().meta({ description: 'Whose debug files these are.' }),
  debug_files: z
    .array(z.object({ name: z.string(), url: z.string() }))
    .optional()
    .meta({
      description: 'What the work had before it, with `DEBUG_UPLOADS`; each address holds for 15 minutes.',
    }),
});

/** What came as JSON is JSON. */
export const toRequestOrder = (order: z.output<typeof requestOrder>): RequestOrder => ({
  action: order.action,
  payload: order.payload,
  metadata: order.metadata as JsonObject | undefined,
});

/** Long work, as `GET /api/requests/{id}` tells of it. */
export const requestSchema = z
  .object({
    request_id: z.string(),
    action: z.string(),
    filename: z
      .string()
      .optional()
      .meta({ description: 'The file of the library that it makes or works on, where there is one.' }),
    status: z.enum(REQUEST_STATUSES),
    progress: z.number().min(0).max(100),
    progress_message: z.string(),
    result: z.unknown().meta({
      description:
        'What the action brought about; null until it has. Of more than 64 KB, `{result_url, size}` says where it is.',
    }),
    error: errorSchema.nullable().meta({ description: 'Only while RETRYING, and when FAILED.' }),
    retry_count: z.int(),
    max_retries: z.int(),
    created_at: timeSchema,
    processing_started: timeSchema.nullable(),
    processing_ended: timeSchema.nullable(),
  })
  .meta({
    id: 'Request',
    examples: [
      {
        request_id: 'q4mYb0b1R0a8s2h9u1cY3w',
        action: 'ingest',
        filename: 'story.mp3',
        status: 'PROCESSING',
        progress: 40,
        progress_message: 'Measuring loudness',
        result: null,
        error: null,
        retry_count: 0,
        max_retries: 3,
        created_at: '2026-11-21T08:30:00.000Z',
        processing_started: '2026-11-21T08:30:00.120Z',
        processing_ended: null,
      },
    ],
  });

export type WireRequest = z.output<typeof requestSchema>;

export const requestListQuery = z.object({
  ...pagingQuery,
  status: z.enum(REQUEST_STATUSES).optional(),
  action: actionName.optional(),
  user: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'For administrators: the requests of the user with this id.' }),
});

export const requestListAnswer = z.object({ requests: z.array(requestSchema), ...pagingAnswer });

/** What is needed to show somebody a failure who may see it. */
export type FailurePorts = Pick<Ports, 'secret' | 'clock'>;

export function toWireRequest(ports: FailurePorts, request: AsyncRequest): WireRequest {
  const { status, error, startedAtMs, endedAtMs } = request;
  const isTold = status === 'RETRYING' || status === 'FAILED';
  return {
    request_id: request.requestId,
    action: request.action,
    ...filenameOf(request),
    status,
    progress: request.progress,
    progress_message: request.progressMessage,
    result: toWireResult(request),
    error: isTold && error !== undefined ? toWireFailure(ports, error) : null,
    retry_count: request.retryCount,
    max_retries: request.maxRetries,
    created_at: toWireTime(request.createdAtMs),
    processing_started: startedAtMs === undefined ? null : toWireTime(startedAtMs),
    processing_ended: endedAtMs === undefined ? null : toWireTime(endedAtMs),
  };
}

/** Every action whose payload names a file means one of the library. */
function filenameOf({ payload }: Pick<AsyncRequest, 'payload'>): { filename?: string } {
  if (typeof payload !== 'object' || payload === null || !('filename' in payload)) return {};
  const { filename } = payload;
  return typeof filename === 'string' ? { filename } : {};
}

/** The result, or where it is. */
export function toWireResult(request: Pick<AsyncRequest, 'requestId' | 'result'>): unknown {
  const kept = keptResultOf(request);
  if (kept === null) return request.result ?? null;
  return {
    result_url: `/api/requests/${encodeURIComponent(request.requestId)}/result`,
    size: kept.sizeBytes,
  };
}

function toWireFailure(ports: FailurePorts, failure: RequestFailure): WireRequest['error'] {
  const { code, message, retryable, errors, attempts } = failure;
  return {
    code,
    message,
    retryable,
    ...(errors !== undefined && { errors: errors.map((each) => ({ ...each })) }),
    ...(attempts !== undefined && { attempts: toWireAttempts(attempts) }),
    ...showDebugFiles(ports, failure),
  };
}

export const toWireAttempts = (attempts: readonly FailedAttempt[]): z.output<typeof attemptSchema>[] =>
  attempts.map(({ attempt, atMs, code, message }) => ({ attempt, at: toWireTime(atMs), code, message }));
