import { describe, expect, it } from 'vitest';
import type { AsyncRequest } from '../../domain/request.ts';
import { changeLine, describeRequest, formatAge, requestRow, stateText } from './request-text.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00Z');

const requestWith = (fields: Partial<AsyncRequest>): AsyncRequest => ({
  requestId: 'q4mYb0b1R0a8s2h9u1cY3w',
  action: 'ingest',
  payload: { upload_key: 'uploads/a' },
  status: 'PROCESSING',
  userId: '17',
  tenantId: 'default',
  progress: 41.7,
  progressMessage: 'Measuring loudness',
  retryCount: 0,
  maxRetries: 3,
  visibleAtMs: NOW_MS - 60_000,
  attempt: 1,
  seq: 5,
  createdAtMs: NOW_MS - 60_000,
  startedAtMs: NOW_MS - 59_000,
  ...fields,
});

const BROKEN = { code: 'storage_unavailable', message: 'The bucket is not there.', retryable: true } as const;

describe('a request on the command line', () => {
  it('is a row of a table', () => {
    expect(requestRow(requestWith({}), 'anna', NOW_MS)).toEqual([
      'q4mYb0b1R0a8s2h9u1cY3w',
      'ingest',
      'PROCESSING',
      '41%',
      '60 s',
      'anna',
    ]);
  });

  it('says in a line what has changed', () => {
    expect(changeLine(requestWith({}), NOW_MS)).toBe(
      '2026-11-21T10:00:00.000Z  q4mYb0b1R0a8s2h9u1cY3w  ingest  PROCESSING  41%  Measuring loudness',
    );
    expect(stateText(requestWith({ status: 'COMPLETED', endedAtMs: NOW_MS }), NOW_MS)).toBe('in 59 s');
    expect(
      stateText(requestWith({ status: 'RETRYING', error: BROKEN, visibleAtMs: NOW_MS + 3000 }), NOW_MS),
    ).toBe('again in 3 s, after storage_unavailable: The bucket is not there.');
  });

  it('is told with what was tried, and with its result', () => {
    const attempts = [
      { attempt: 1, atMs: NOW_MS - 50_000, code: 'internal', message: 'First.' } as const,
      { attempt: 2, atMs: NOW_MS - 40_000, code: 'storage_unavailable', message: 'Second.' } as const,
    ];
    const failed = requestWith({ status: 'FAILED', endedAtMs: NOW_MS, error: { ...BROKEN, attempts } });
    const text = describeRequest(failed, 'anna', NOW_MS);
    expect(text).toMatch(/^Status +FAILED$/m);
    expect(text).toMatch(/^Created +2026-11-21T09:59:00\.000Z {2}\(60 s ago\)$/m);
    expect(text).toMatch(/^Took +59 s$/m);
    expect(text).toMatch(/^Error +storage_unavailable: The bucket is not there\.$/m);
    expect(text).toMatch(/^Tried +1 {2}2026-11-21T09:59:10\.000Z {2}internal: First\.$/m);
    expect(text).toMatch(/^ +2 {2}2026-11-21T09:59:20\.000Z {2}storage_unavailable: Second\.$/m);
    expect(text).not.toMatch(/^Result/m);
    const completed = requestWith({ status: 'COMPLETED', result: { filename: 'a.mp3' } });
    expect(describeRequest(completed, 'anna', NOW_MS)).toMatch(/^Result +\{"filename":"a\.mp3"\}$/m);
  });

  it('does not look alive when its server was killed', () => {
    const left = requestWith({ leaseUntilMs: NOW_MS - 1 });
    expect(stateText(left, NOW_MS)).toBe('left by its worker; the next one goes on');
    expect(describeRequest(left, 'anna', NOW_MS)).toMatch(/^Status +PROCESSING, left by its worker/m);
    const held = requestWith({ leaseUntilMs: NOW_MS + 1 });
    expect(stateText(held, NOW_MS)).toBe('Measuring loudness');
    expect(describeRequest(held, 'anna', NOW_MS)).toMatch(/^Status +PROCESSING$/m);
  });

  it('says where a large result is, and shortens a large payload', () => {
    const { requestId } = requestWith({});
    const result = { result_object: `results/${requestId}-1.json`, size: 1_234_567 };
    const payload = { text: 'word '.repeat(10_000) };
    const text = describeRequest(requestWith({ status: 'COMPLETED', result, payload }), 'anna', NOW_MS);
    expect(text).toContain(`1.2 MB of JSON, at /api/requests/${requestId}/result`);
    expect(text.length).toBeLessThan(4000);
    expect(text).toContain('--json');
  });

  it('cannot drive the terminal', () => {
    const evil = '\u001b[2J\u009b31m\nred';
    const request = requestWith({
      progressMessage: evil,
      status: 'RETRYING',
      error: { ...BROKEN, message: evil },
    });
    const all = [
      changeLine(request, NOW_MS),
      requestRow(request, evil, NOW_MS).join(),
      describeRequest(request, evil, NOW_MS).replaceAll('\n', ''),
    ];
    for (const text of all) expect(Array.from(text).filter((character) => character < ' ')).toEqual([]);
  });
});

it.each([
  [-5, '0 ms'],
  [999, '999 ms'],
  [61_999, '61 s'],
  [120_000, '2 min'],
  [7_199_999, '119 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 d'],
])('an age of %d ms is %s', (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});
