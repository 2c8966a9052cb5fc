import type {
  AsyncRequest,
  JsonObject,
  JsonValue,
  RequestFailure,
  RequestStatus,
} from '../../domain/request.ts';
import type { Parameters, Row } from './database.ts';
import { number, optionalNumber, optionalText, text } from './row.ts';

/** What changes in a request while it is worked on, as the columns of `requests`. */
export function toChangedColumns(request: AsyncRequest) {
  return {
    request_id: request.requestId,
    status: request.status,
    progress: request.progress,
    progress_message: request.progressMessage,
    progress_details_json: optionalJson(request.progressDetails),
    result_json: optionalJson(request.result),
    error_json: optionalJson(request.error),
    retry_count: request.retryCount,
    visible_at_ms: request.visibleAtMs,
    attempt: request.attempt,
    lease_until_ms: request.leaseUntilMs ?? null,
    seq: request.seq,
    started_at_ms: request.startedAtMs ?? null,
    ended_at_ms: request.endedAtMs ?? null,
  } satisfies Parameters;
}

export const optionalJson = (value: object | JsonValue | undefined): string | null =>
  value === undefined ? null : JSON.stringify(value);

export function fromRequestRow(row: Row | undefined): AsyncRequest {
  const parsed = <Value>(column: string): Value | undefined => {
    const json = optionalText(row, column);
    return json === undefined ? undefined : (JSON.parse(json) as Value);
  };
  return {
    requestId: text(row, 'request_id'),
    action: text(row, 'action'),
    payload: JSON.parse(text(row, 'payload_json')) as JsonValue,
    status: text(row, 'status') as RequestStatus,
    userId: text(row, 'user_id'),
    tenantId: text(row, 'tenant_id'),
    connectionId: optionalText(row, 'connection_id'),
    metadata: parsed<JsonObject>('metadata_json'),
    progress: number(row, 'progress'),
    progressMessage: text(row, 'progress_message'),
    progressDetails: parsed<JsonObject>('progress_details_json'),
    result: parsed<JsonValue>('result_json'),
    error: parsed<RequestFailure>('error_json'),
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
