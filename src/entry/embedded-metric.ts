const NAMESPACE = 'Earshot';

export interface EmbeddedMetric {
  readonly timeMs: number;
  /** Name and value. */
  readonly dimension: readonly [name: string, value: string];
  readonly unit: 'Count' | 'Seconds';
  readonly values: Readonly<Record<string, number>>;
}

/** A line of a log, out of which CloudWatch makes metrics by itself: its "embedded metric format". */
export function embeddedMetricLine({ timeMs, dimension, unit, values }: EmbeddedMetric): string {
  const [name, value] = dimension;
  const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: unit }));
  const CloudWatchMetrics = [{ Namespace: NAMESPACE, Dimensions: [[name]], Metrics }];
  return JSON.stringify({ _aws: { Timestamp: timeMs, CloudWatchMetrics }, [name]: value, ...values });
}

export const writeLine = (line: string): void => void process.stdout.write(`${line}\n`);
