import { describe, expect, it } from 'vitest';
import { asyncRequest, START_MS } from '../../test/sample-records.ts';
import { createRequestHub } from '../services/request-hub.ts';
import { createFunctionMetrics } from './function-metrics.ts';

describe('createFunctionMetrics', () => {
  it('writes what was counted as one line in the embedded metric format, once', () => {
    const hub = createRequestHub();
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    const metrics = createFunctionMetrics('worker', { hub, clock: () => START_MS }, write);
    metrics.flush();
    expect(lines).toEqual([]);
    hub.publish(asyncRequest('a', { status: 'PROCESSING' }));
    for (const requestId of ['a', 'b']) hub.publish(asyncRequest(requestId, { status: 'COMPLETED' }));
    hub.publish(asyncRequest('c', { status: 'RETRYING' }));
    metrics.realTime.received('ping');
    metrics.flush();
    metrics.flush();
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      _aws: {
        Timestamp: START_MS,
        CloudWatchMetrics: [
          {
            Namespace: 'Earshot',
            Dimensions: [['Function']],
            Metrics: ['RequestsCompleted', 'RequestsRetried', 'MessagesReceivedPing'].map((Name) => ({
              Name,
              Unit: 'Count',
            })),
          },
        ],
      },
      Function: 'worker',
      RequestsCompleted: 2,
      RequestsRetried: 1,
      MessagesReceivedPing: 1,
    });
  });
});
