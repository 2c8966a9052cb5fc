import { expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { START_MS } from '../../test/sample-records.ts';
import { tellOldestRequest } from './oldest-request.ts';

it('tells for how long the oldest request has waited, and 0 where none waits', async () => {
  let nowMs = START_MS;
  const ports = createMemoryPorts({ clock: () => nowMs });
  const tell = async () => {
    const lines: string[] = [];
    await tellOldestRequest(ports, 'prod', (line) => void lines.push(line));
    expect(lines).toHaveLength(1);
    return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  };
  const enqueue = (requestId: string, action: string) =>
    ports.queue.enqueue({
      requestId,
      action,
      payload: {},
      userId: 'ada',
      tenantId: 'default',
      maxRetries: 3,
    });
  expect(await tell()).toMatchObject({ Environment: 'prod', OldestRequestAgeSeconds: 0 });
  await enqueue('worked-on', 'first');
  await ports.queue.claim(['first'], 60_000, 1);
  nowMs += 5000;
  await enqueue('waits', 'second');
  nowMs += 90_500;
  await enqueue('waits too', 'second');
  expect(await tell()).toEqual({
    _aws: {
      Timestamp: nowMs,
      CloudWatchMetrics: [
        {
          Namespace: 'Earshot',
          Dimensions: [['Environment']],
          Metrics: [{ Name: 'OldestRequestAgeSeconds', Unit: 'Seconds' }],
        },
      ],
    },
    Environment: 'prod',
    OldestRequestAgeSeconds: 90.5,
  });
});
