import type { Ports } from '../services/ports.ts';
import { embeddedMetricLine, writeLine } from './embedded-metric.ts';

/**
 * Tells for how long the oldest request has waited that nobody works on: `OldestRequestAgeSeconds`, 0 where none waits,
 * so that a silent sweep is another thing than an empty queue.
 *
 * @param environment of the deployment: the one dimension
 * @throws storage_unavailable
 */
export async function tellOldestRequest(
  { queue, clock }: Pick<Ports, 'queue' | 'clock'>,
  environment: string,
  write: (line: string) => void = writeLine,
): Promise<void> {
  const open = await queue.tallyOpen();
  const waiting = open.filter(({ status }) => status === 'PENDING' || status === 'RETRYING');
  const nowMs = clock();
  const oldestMs = Math.min(nowMs, ...waiting.map(({ oldestCreatedAtMs }) => oldestCreatedAtMs));
  write(
    embeddedMetricLine({
      timeMs: nowMs,
      dimension: ['Environment', environment],
      unit: 'Seconds',
      values: { OldestRequestAgeSeconds: (nowMs - oldestMs) / 1000 },
    }),
  );
}
