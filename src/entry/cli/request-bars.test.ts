import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { AsyncRequest, RequestStatus } from '../../domain/request.ts';
import { displayRequests, type Output } from './request-bars.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00Z');
const SHOW_CURSOR = '\u001b[?25h';
const WRAP_LINES = '\u001b[?7h';

const requestNamed = (requestId: string, status: RequestStatus, seq = 1, progress = 0): AsyncRequest => ({
  requestId,
  action: 'ingest',
  payload: {},
  status,
  userId: '17',
  tenantId: 'default',
  progress,
  progressMessage: 'Measuring',
  retryCount: 0,
  maxRetries: 3,
  visibleAtMs: NOW_MS,
  attempt: 1,
  seq,
  createdAtMs: NOW_MS,
});

function openOutput(terminal: { rows: number } | null): { output: Output; written: () => string } {
  const stream = new PassThrough();
  let written = '';
  stream.setEncoding('utf8').on('data', (text: string) => (written += text));
  const output =
    terminal === null ? stream : Object.assign(stream, { isTTY: true, columns: 100, ...terminal });
  return { output, written: () => written };
}

describe('in a pipe', () => {
  it('a line tells each change once', async () => {
    const { output, written } = openOutput(null);
    const display = displayRequests(output, () => NOW_MS);
    const first = requestNamed('one', 'PROCESSING', 2, 10);
    display.show({ requests: [first], lost: [], more: 0 });
    display.show({ requests: [first], lost: [], more: 7 });
    display.show({ requests: [requestNamed('one', 'COMPLETED', 3, 100)], lost: ['two'], more: 7 });
    display.finish();
    const time = '2026-11-21T10:00:00.000Z';
    await expect
      .poll(written)
      .toBe(
        `${time}  one  ingest  PROCESSING  10%  Measuring\n… and 7 more\n` +
          `${time}  one  ingest  COMPLETED  100%\n${time}  two  was deleted\n`,
      );
  });
});

describe('on a terminal', () => {
  it('bars show what is open, and what has ended goes by', async () => {
    const { output, written } = openOutput({ rows: 24 });
    const display = displayRequests(output, () => NOW_MS);
    const waiting = requestNamed('two', 'PENDING');
    display.show({ requests: [requestNamed('one', 'PROCESSING', 2, 50), waiting], lost: [], more: 0 });
    const text = () => stripVTControlCharacters(written());
    await expect.poll(text).toMatch(/one +ingest +█{12}░{12} +50% {2}Measuring/);
    display.show({ requests: [requestNamed('one', 'COMPLETED', 3, 100), waiting], lost: [], more: 0 });
    display.finish();
    expect(text()).toMatch(/two +ingest +░{24} +0% {2}waits/);
    expect(text()).toContain('one  ingest  COMPLETED  100%\n');
    expect(written().lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(0);
    expect(written().lastIndexOf(WRAP_LINES)).toBeGreaterThan(0);
  });

  it('are never more than it has lines, and say how many more there are', () => {
    const { output, written } = openOutput({ rows: 10 });
    const display = displayRequests(output, () => NOW_MS);
    const requests = Array.from({ length: 60 }, (_, at) => requestNamed(`request-${at}`, 'PENDING'));
    display.show({ requests, lost: [], more: 900 });
    display.finish();
    const shown = stripVTControlCharacters(written()).match(/request-\d+/g) ?? [];
    expect(new Set(shown)).toEqual(new Set(Array.from({ length: 8 }, (_, at) => `request-${at}`)));
    expect(written()).toContain('… and 952 more');
  });

  it('shows no bars for what had ended before', () => {
    const { output, written } = openOutput({ rows: 24 });
    const display = displayRequests(output, () => NOW_MS);
    display.show({ requests: [requestNamed('one', 'FAILED')], lost: [], more: 0 });
    display.finish();
    expect(written()).toMatch(/one {2}ingest {2}FAILED {2}0%\n$/);
  });
});
