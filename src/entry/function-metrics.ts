import { isFinal } from '../domain/request.ts';
import type { RealTimeCounters } from '../http/real-time-metrics.ts';
import type { Ports } from '../services/ports.ts';
import { embeddedMetricLine, writeLine } from './embedded-metric.ts';

export interface FunctionMetrics {
  readonly realTime: RealTimeCounters;
  /** Writes what was counted since the last time, where there is anything. */
  flush(): void;
}

/**
 * What one invocation counts, as a line of the log (`embeddedMetricLine`). Nothing is asked for it, and nothing waits
 * for it.
 *
 * @param functionName the one dimension
 * @param write a line
 */
export function createFunctionMetrics(
  functionName: string,
  { hub, clock }: Pick<Ports, 'hub' | 'clock'>,
  write: (line: string) => void = writeLine,
): FunctionMetrics {
  const counts = new Map<string, number>();
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);

  hub.onChange(({ status }) => {
    if (isFinal(status)) count(`Requests${titled(status)}`);
    else if (status === 'RETRYING') count('RequestsRetried');
  });

  return {
    realTime: {
      connected: () => count('ClientsConnected'),
      closed: (_kind, reason) => count(`ClientsClosed${titled(reason)}`),
      received: (type) => count(`MessagesReceived${titled(type)}`),
      sent: (type) => count(`MessagesSent${titled(type)}`),
      folded: () => count('MessagesFolded'),
      dropped: () => count('MessagesDropped'),
    },

    flush() {
      if (counts.size === 0) return;
      const dimension = ['Function', functionName] as const;
      const values = Object.fromEntries(counts);
      write(embeddedMetricLine({ timeMs: clock(), dimension, unit: 'Count', values }));
      counts.clear();
    },
  };
}

const titled = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
