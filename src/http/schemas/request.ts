import { z } from 'zod';
import { ERROR_CODES } from '../../domain/app-error.ts';
import type { AsyncRequest } from '../../domain/request.ts';
import { timeSchema, toWireTime } from './paging.ts';

const STATUSES = ['PENDING', 'PROCESSING', 'RETRYING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;

/** Long work, as `GET /api/requests/{id}` tells of it. */
export const requestSchema = z
  .object({
    request_id: z.string(),
    action: z.string(),
    status: z.enum(STATUSES),
    progress: z.number().min(0).max(100),
    progress_message: z.string(),
    result: z.unknown().meta({ description: 'What the action brought about; null until it has.' }),
    error: z.object({ code: z.enum(ERROR_CODES), message: z.string() }).nullable(),
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

export function toWireRequest(request: AsyncRequest): WireRequest {
  const { error, startedAtMs, endedAtMs } = request;
  return {
    request_id: request.requestId,
    action: request.action,
    status: request.status,
    progress: request.progress,
    progress_message: request.progressMessage,
    result: request.result ?? null,
    error: error === undefined ? null : { code: error.code, message: error.message },
    retry_count: request.retryCount,
    max_retries: request.maxRetries,
    created_at: toWireTime(request.createdAtMs),
    processing_started: startedAtMs === undefined ? null : toWireTime(startedAtMs),
    processing_ended: endedAtMs === undefined ? null : toWireTime(endedAtMs),
  };
}
