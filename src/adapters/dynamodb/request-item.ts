import type {
  AsyncRequest,
  JsonObject,
  JsonValue,
  RequestFailure,
  RequestStatus,
} from '../../domain/request.ts';
import type { Item } from './dynamo-table.ts';
import type { Value } from './expression.ts';
import { dateMs, number, optionalDateMs, optionalText, text } from './item-fields.ts';

/** What has not changed for so long is gone. */
const LIFETIME_MS = 7 * 24 * 3_600_000;
/** Of the digits of `CreatedAt` beyond milliseconds. */
const ORDER_DIGITS = 6;
export const MAX_ORDER = 10 ** ORDER_DIGITS - 1;

/** RFC 3339. Of one length, so that it sorts by time. */
export const instant = (ms: number): string => new Date(ms).toISOString();

/** The same, to the nanosecond: `order` keeps those of one millisecond apart. */
export const orderedInstant = (ms: number, order: number): string =>
  `${instant(ms).slice(0, -1)}${String(order).padStart(ORDER_DIGITS, '0')}Z`;

export const isAlive = (item: Item, nowMs: number): boolean => number(item, 'TTL') * 1000 > nowMs;

/** All attributes of a request but its key, `CreatedAt` and who holds it; `undefined` for what is absent. */
export function toRequestAttributes(request: AsyncRequest, nowMs: number): Record<string, Value> {
  const isRetrying = request.status === 'RETRYING';
  return {
    Action: request.action,
    Payload: request.payload,
    Status: request.status,
    UserID: request.userId,
    TenantID: request.tenantId,
    ConnectionID: request.connectionId,
    Metadata: request.metadata,
    Progress: request.progress,
    ProgressMessage: request.progressMessage,
    ProgressDetails: request.progressDetails,
    Result: request.result,
    Error: request.error as Value,
    RetryCount: request.retryCount,
    MaxRetries: request.maxRetries,
    RetryAfter: isRetrying ? instant(request.visibleAtMs) : undefined,
    VisibleAt: instant(request.visibleAtMs),
    Attempt: request.attempt,
    LeaseUntil: optionalInstant(request.leaseUntilMs),
    Seq: request.seq,
    ProcessingStarted: optionalInstant(request.startedAtMs),
    ProcessingEnded: optionalInstant(request.endedAtMs),
    TTL: Math.ceil((nowMs + LIFETIME_MS) / 1000),
  };
}

/** Of {@link toRequestAttributes}, those that a claim looks at: it has no use for what a request carries. */
export const CLAIM_FIELDS = [
  ...['RequestID', 'CreatedAt', 'Action', 'Status', 'UserID', 'TenantID', 'Progress', 'ProgressMessage'],
  ...['ProgressDetails', 'RetryCount', 'MaxRetries', 'VisibleAt', 'Attempt', 'LeaseUntil', 'Seq', 'TTL'],
  ...['ProcessingStarted', 'ProcessingEnded'],
] as const;

/** What an update must set, and remove, to make one request of the other. */
export function toChange(before: AsyncRequest, after: AsyncRequest, nowMs: number) {
  const old = toRequestAttributes(before, nowMs);
  const changed = Object.entries(toRequestAttributes(after, nowMs)).filter(
    ([name, value]) => name === 'TTL' || value !== old[name],
  );
  return {
    set: Object.fromEntries(changed.filter(([, value]) => value !== undefined)),
    remove: changed.filter(([, value]) => value === undefined).map(([name]) => name),
  };
}

const optionalInstant = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : instant(ms);

export function fromRequestItem(item: Item): AsyncRequest {
  return {
    requestId: text(item, 'RequestID'),
    action: text(item, 'Action'),
    payload: item['Payload'] as JsonValue,
    status: text(item, 'Status') as RequestStatus,
    userId: text(item, 'UserID'),
    tenantId: text(item, 'TenantID'),
    connectionId: optionalText(item, 'ConnectionID'),
    metadata: item['Metadata'] as JsonObject | undefined,
    progress: number(item, 'Progress'),
    progressMessage: optionalText(item, 'ProgressMessage') ?? '',
    progressDetails: item['ProgressDetails'] as JsonObject | undefined,
    result: item['Result'] as JsonValue | undefined,
    error: item['Error'] as RequestFailure | undefined,
    retryCount: number(item, 'RetryCount'),
    maxRetries: number(item, 'MaxRetries'),
    visibleAtMs: dateMs(item, 'VisibleAt'),
    attempt: number(item, 'Attempt'),
    leaseUntilMs: optionalDateMs(item, 'LeaseUntil'),
    seq: number(item, 'Seq'),
    createdAtMs: dateMs(item, 'CreatedAt'),
    startedAtMs: optionalDateMs(item, 'ProcessingStarted'),
    endedAtMs: optionalDateMs(item, 'ProcessingEnded'),
  };
}
