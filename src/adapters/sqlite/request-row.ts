import type {
  AsyncRequest,
  JsonObject,
  JsonValue,
  RequestFailure,
  RequestStatus,
} from '../../domain/request.ts';
import type { Parameters, Row } from './database.ts';
import { flag, number, optionalNumber, optionalText, text } from './row.ts';

/** A request as it is kept. */
export interface RequestRow {
  readonly request: AsyncRequest;
  readonly arrival: number;
  readonly leaseToken: string | null;
  /** Whether it is among those that a claim looks at. */
  readonly isReady: boolean;
}

/** What changes in a request while it is worked on. */
const COLUMNS = {
  status: 'status',
  progress: 'progress',
  progressMessage: 'progress_message',
  progressDetails: 'progress_details_json',
  result: 'result_json',
  error: 'error_json',
  retryCount: 'retry_count',
  visibleAtMs: 'visible_at_ms',
  attempt: 'attempt',
  leaseUntilMs: 'lease_until_ms',
  seq: 'seq',
  startedAtMs: 'started_at_ms',
  endedAtMs: 'ended_at_ms',
} as const satisfies Partial<Record<keyof AsyncRequest, string>>;
const FIELDS = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

/** The columns that differ: an index is only written when one of its columns is. */
export function toChangedColumns(before: RequestRow, after: RequestRow): Parameters {
  const changed: Record<string, string | number | null> = {};
  for (const field of FIELDS) {
    const value = after.request[field];
    if (value === before.request[field]) continue;
    const isJson = field === 'progressDetails' || field === 'result' || field === 'error';
    changed[COLUMNS[field]] = isJson ? optionalJson(value) : ((value as string | number | undefined) ?? null);
  }
  if (after.leaseToken !== before.leaseToken) changed['lease_token'] = after.leaseToken;
  if (after.isReady !== before.isReady) changed['is_ready'] = after.isReady ? 1 : 0;
  return changed;
}

export const optionalJson = (value: object | JsonValue | undefined): string | null =>
  value === undefined ? null : JSON.stringify(value);

export const toRequestRow = (row: Row): RequestRow => ({
  request: fromRequestRow(row),
  arrival: number(row, 'arrival'),
  leaseToken: optionalText(row, 'lease_token') ?? null,
  isReady: flag(row, 'is_ready'),
});

export function fromRequestRow(row: Row): AsyncRequest {
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
