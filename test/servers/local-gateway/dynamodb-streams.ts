/** A record of a table's stream, as a function is given it. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly dynamodb: {
    readonly Keys: Readonly<Record<string, { readonly S: string }>>;
    readonly NewImage?: Readonly<Record<string, { readonly S?: string }>>;
    readonly SequenceNumber: string;
  };
}

interface Shards {
  readonly StreamDescription: { readonly Shards: readonly { readonly ShardId: string }[] };
}

interface RecordsAnswer {
  readonly Records: readonly StreamRecord[];
  readonly NextShardIterator?: string;
}

/** The service's API, which is plain JSON; DynamoDB Local takes any signature. */
async function ask<Answer>(endpoint: string, operation: string, body: unknown): Promise<Answer> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${text}`);
  return JSON.parse(text) as Answer;
}

interface Shard {
  iterator: string | undefined;
  /** Of the record that was read last. */
  sequence: bigint;
}

/** All records of a stream from its beginning on, in the order of each shard; asks again and again. */
export async function* readStream(
  endpoint: string,
  StreamArn: string,
  { pollMs, signal }: { readonly pollMs: number; readonly signal: AbortSignal },
): AsyncGenerator<StreamRecord, void, undefined> {
  const shards = new Map<string, Shard>();
  const begin = async (ShardId: string): Promise<string> => {
    const from = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    return (await ask<{ ShardIterator: string }>(endpoint, 'GetShardIterator', from)).ShardIterator;
  };
  while (!signal.aborted) {
    const { StreamDescription } = await ask<Shards>(endpoint, 'DescribeStream', { StreamArn });
    for (const { ShardId } of StreamDescription.Shards) {
      const shard = shards.get(ShardId) ?? { iterator: await begin(ShardId), sequence: -1n };
      shards.set(ShardId, shard);
      // It has been read to its end.
      if (shard.iterator === undefined) continue;
      let answer: RecordsAnswer;
      try {
        answer = await ask<RecordsAnswer>(endpoint, 'GetRecords', { ShardIterator: shard.iterator });
      } catch (error) {
        // DynamoDB Local trims under a reader that has seen nothing yet. What is read again is known by its number.
        if (!String(error).includes('TrimmedDataAccessException')) throw error;
        shard.iterator = await begin(ShardId);
        continue;
      }
      shard.iterator = answer.NextShardIterator;
      for (const record of answer.Records) {
        const sequence = BigInt(record.dynamodb.SequenceNumber);
        if (sequence <= shard.sequence) continue;
        shard.sequence = sequence;
        yield record;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
