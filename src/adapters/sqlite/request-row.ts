import type { AsyncRequest, JsonValue, RequestFailure, RequestStatus } from '../../domain/request.ts';
import type { Parameters, Row } from './database.ts';
import { number, optionalNumber, optionalText, text } from './row.ts';

/** What changes in a request while it is worked on, as the columns of `requests`. */
export function toChangedColumns(request: AsyncRequest) {
  return {
    request_id: request.requestId,
    status: request.status,
    progress: request.progress,
    progress_message: request.progressMessage,
    result_json: request.result === undefined ? null : JSON.stringify(request.result),
    error_json: request.error === undefined ? null : JSON.stringify(request.error),
    retry_count: request.retryCount,
    visible_at_ms: request.visibleAtMs,
    attempt: request.attempt,
    lease_until_ms: request.leaseUntilMs ?? null,
    seq: request.seq,
    started_at_ms: request.startedAtMs ?? null,
    ended_at_ms: request.endedAtMs ?? null,
  } satisfies Parameters;
}

export function fromRequestRow(row: Row | undefined): AsyncRequest {
  const resultJson = optionalText(row, 'result_json');
  const errorJson = optionalText(row, 'error_json');
  return {
    requestId: text(row, 'request_id'),
    action: text(row, 'action'),
    payload: JSON.parse(text(row, 'payload_json')) as JsonValue,
    status: text(row, 'status') as RequestStatus,
    userId: text(row, 'user_id'),
    tenantId: text(row, 'tenant_id'),
    progress: number(row, 'progress'),
    progressMessage: text(row, 'progress_message'),
    result: resultJson === undefined ? undefined : (JSON.parse(resultJson) as JsonValue),
    error: errorJson === undefined ? undefined : (JSON.parse(errorJson) as RequestFailure),
    retryCount: number(row, 'retry_count'),
    maxRetries: number(row, 'max_retries'),
    visibleAtMs: number(row, 'visible_at_ms'),
    attempt: number(row, 'attempt'),
    leaseUntilMs: optionalNumber(row, 'lease_until_ms'),
    seq: number(row, 'seq'),
    createdAtMs: number(row, 'created_at_ms'),
    startedAtMs: optionalNumber(row, 'started_at_ms'),
    endedAtMs: optionalNumber(row, 'ended_at_ms'),
  };
}
