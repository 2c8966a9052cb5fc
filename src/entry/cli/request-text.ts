import { tidyLine } from '../../domain/tidy-line.ts';
import { isFinal, type AsyncRequest, type JsonValue } from '../../domain/request.ts';
import { keptResultOf } from '../../services/kept-result.ts';
import { formatBytes } from './phase-progress.ts';
import { formatTable } from './terminal.ts';

/** A request as the command line shows it. Texts of clients are made one line, so that none drives the terminal. */

const MAX_CELL = 60;
const MAX_MESSAGE = 300;
/** Text to be spoken, for instance, may be all of a book. */
const MAX_JSON = 2000;

export const REQUEST_COLUMNS = ['ID', 'ACTION', 'STATUS', 'PROGRESS', 'AGE', 'USER'] as const;

export const requestRow = (request: AsyncRequest, username: string, nowMs: number): string[] => [
  cell(request.requestId),
  cell(request.action),
  request.status,
  formatPercentage(request.progress),
  formatAge(nowMs - request.createdAtMs),
  cell(username),
];

/** One line of a request that has changed. */
export function changeLine(request: AsyncRequest, nowMs: number): string {
  const { requestId, action, status, progress } = request;
  const parts = [new Date(nowMs).toISOString(), cell(requestId), cell(action), status];
  return [...parts, formatPercentage(progress), stateText(request, nowMs)].join('  ').trimEnd();
}

/** What there is to say beside status and percentage. */
export function stateText(request: AsyncRequest, nowMs: number): string {
  const { status, progressMessage, error, visibleAtMs, startedAtMs, endedAtMs } = request;
  if (status === 'FAILED') return failureText(error);
  if (status === 'RETRYING') {
    return `again in ${formatAge(visibleAtMs - nowMs)}, after ${failureText(error)}`;
  }
  if (status === 'COMPLETED' && startedAtMs !== undefined && endedAtMs !== undefined) {
    return `in ${formatAge(endedAtMs - startedAtMs)}`;
  }
  if (isLeft(request, nowMs)) return 'left by its worker; the next one goes on';
  return isFinal(status) ? '' : tidyLine(progressMessage, MAX_MESSAGE);
}

/** What was running when its server was killed. */
const isLeft = ({ status, leaseUntilMs }: AsyncRequest, nowMs: number): boolean =>
  status === 'PROCESSING' && leaseUntilMs !== undefined && leaseUntilMs < nowMs;

/** All that is known of a request. */
export function describeRequest(request: AsyncRequest, username: string, nowMs: number): string {
  const { status, error, startedAtMs, endedAtMs, progressMessage, metadata } = request;
  const rows: [string, string | undefined][] = [
    ['Request', cell(request.requestId)],
    ['Action', cell(request.action)],
    ['Status', isLeft(request, nowMs) ? `${status}, ${stateText(request, nowMs)}` : status],
    [
      'Progress',
      `${formatPercentage(request.progress)}  ${tidyLine(progressMessage, MAX_MESSAGE)}`.trimEnd(),
    ],
    ['User', cell(username)],
    ['Created', timeText(request.createdAtMs, nowMs)],
    ['Started', startedAtMs === undefined ? undefined : timeText(startedAtMs, nowMs)],
    ['Ended', endedAtMs === undefined ? undefined : timeText(endedAtMs, nowMs)],
    ['Took', tookText(request)],
    ['Retries', `${request.retryCount} of ${request.maxRetries}`],
    ['Next try', status === 'RETRYING' ? timeText(request.visibleAtMs, nowMs) : undefined],
    ['Error', error === undefined ? undefined : failureText(error)],
    ...(error?.errors ?? []).map(({ field, message }): [string, string] => [
      '',
      `${cell(field)}: ${tidyLine(message, MAX_MESSAGE)}`,
    ]),
    ...(error?.attempts ?? []).map(({ attempt, atMs, code, message }, at): [string, string] => [
      at === 0 ? 'Tried' : '',
      `${attempt}  ${new Date(atMs).toISOString()}  ${code}: ${tidyLine(message, MAX_MESSAGE)}`,
    ]),
    ['Payload', jsonText(request.payload)],
    ['Metadata', metadata === undefined ? undefined : jsonText(metadata)],
    ['Result', resultText(request)],
  ];
  return formatTable(rows.filter((row): row is [string, string] => row[1] !== undefined));
}

/** `850 ms`, `12 s`, `5 min`, `3 h`, `2 d`: two figures are enough to see what is old. */
export function formatAge(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const cell = (text: string): string => tidyLine(text, MAX_CELL);

const formatPercentage = (progress: number): string => `${Math.floor(progress)}%`;

const timeText = (atMs: number, nowMs: number): string => {
  const away = atMs > nowMs ? `in ${formatAge(atMs - nowMs)}` : `${formatAge(nowMs - atMs)} ago`;
  return `${new Date(atMs).toISOString()}  (${away})`;
};

const failureText = (error: AsyncRequest['error']): string =>
  error === undefined ? '' : `${error.code}: ${tidyLine(error.message, MAX_MESSAGE)}`;

function tookText({ startedAtMs, endedAtMs }: AsyncRequest): string | undefined {
  if (startedAtMs === undefined || endedAtMs === undefined) return undefined;
  return formatAge(endedAtMs - startedAtMs);
}

function resultText(request: AsyncRequest): string | undefined {
  if (request.status !== 'COMPLETED') return undefined;
  const kept = keptResultOf(request);
  if (kept === null) return jsonText(request.result ?? null);
  return `${formatBytes(kept.sizeBytes)} of JSON, at /api/requests/${request.requestId}/result`;
}

function jsonText(value: JsonValue): string {
  const text = tidyLine(JSON.stringify(value), MAX_JSON + 1);
  return text.length <= MAX_JSON ? text : `${text.slice(0, MAX_JSON)}… (--json shows all)`;
}
