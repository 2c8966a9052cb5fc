import { readStream, type StreamRecord } from './dynamodb-streams.ts';

export interface StreamMappingOptions {
  readonly endpoint: string;
  readonly streamArn: string;
  /** Runs the function. Rejects when it fails. @returns its result as JSON */
  readonly invoke: (event: { readonly Records: readonly StreamRecord[] }) => Promise<string>;
  /** What the function is to see. */
  readonly filter: (record: StreamRecord) => boolean;
  readonly batchSize: number;
  /** Batches of one shard at a time; records of one key are in one. */
  readonly parallelizationFactor: number;
  readonly retryAttempts: number;
  readonly pollMs?: number;
}

/** The event source mapping of a DynamoDB stream, as "Process DynamoDB records with Lambda" describes it: for tests. */
export interface StreamMapping {
  /** What was given up after all attempts. */
  readonly deadLetters: readonly StreamRecord[];
  /** Invocations that failed. */
  readonly failures: readonly unknown[];
  stop(): Promise<void>;
}

export function startStreamMapping(options: StreamMappingOptions): StreamMapping {
  const { invoke, batchSize, retryAttempts } = options;
  const lanes = Array.from({ length: options.parallelizationFactor }, (): StreamRecord[] => []);
  const working = new Map<StreamRecord[], Promise<void>>();
  const deadLetters: StreamRecord[] = [];
  const failures: unknown[] = [];
  const stopping = new AbortController();

  /** @returns from which record on it is to be tried again; null when all are done */
  async function attempt(batch: readonly StreamRecord[]): Promise<number | null> {
    try {
      const result = JSON.parse(await invoke({ Records: batch })) as {
        batchItemFailures?: readonly { readonly itemIdentifier: string }[];
      } | null;
      const failed = (result?.batchItemFailures ?? []).map(({ itemIdentifier }) =>
        batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier),
      );
      // The lowest sequence number counts; one that is unknown fails the whole batch.
      return failed.length === 0 ? null : Math.max(0, Math.min(...failed));
    } catch (error) {
      failures.push(error);
      return 0;
    }
  }

  /** With bisectBatchOnError. */
  async function process(batch: readonly StreamRecord[], attemptsLeft: number): Promise<void> {
    if (batch.length === 0 || stopping.signal.aborted) return;
    const from = await attempt(batch);
    if (from === null) return;
    const rest = batch.slice(from);
    if (attemptsLeft === 0) {
      deadLetters.push(...rest);
      return;
    }
    const half = Math.ceil(rest.length / 2);
    await process(rest.slice(0, half), attemptsLeft - 1);
    await process(rest.slice(half), attemptsLeft - 1);
  }

  async function drain(lane: StreamRecord[]): Promise<void> {
    while (lane.length > 0 && !stopping.signal.aborted) {
      await process(lane.splice(0, batchSize), retryAttempts);
    }
  }

  function deliver(record: StreamRecord): void {
    const key = Object.values(record.dynamodb.Keys)[0]?.S ?? '';
    const lane = lanes[hashOf(key) % lanes.length];
    if (lane === undefined) return;
    lane.push(record);
    if (working.has(lane)) return;
    const work = drain(lane).finally(() => working.delete(lane));
    working.set(lane, work);
  }

  const reading = (async () => {
    const { endpoint, streamArn, pollMs = 250 } = options;
    for await (const record of readStream(endpoint, streamArn, { pollMs, signal: stopping.signal })) {
      if (options.filter(record)) deliver(record);
    }
  })().catch((error: unknown) => void failures.push(error));

  return {
    deadLetters,
    failures,
    async stop() {
      stopping.abort();
      await reading;
      await Promise.all(working.values());
    },
  };
}

const hashOf = (text: string): number => {
  let hash = 0;
  for (const char of text) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return hash;
};
