import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import { openDynamoRequestQueue } from '../../src/adapters/dynamodb/dynamo-request-queue.ts';
import { openRequestTable } from '../../src/adapters/dynamodb/request-table.ts';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { openSqliteRequestQueue } from '../../src/adapters/sqlite/sqlite-request-queue.ts';
import type { RequestQueue } from '../../src/domain/request.ts';

/** Where the queue is that several processes share, as the command line of each says it. */
export type QueuePlace =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'dynamodb'; readonly endpoint: string; readonly table: string };

export interface OpenedQueue {
  readonly queue: RequestQueue;
  close(): void;
}

export function openPlace(place: QueuePlace): OpenedQueue {
  const options = { clock: Date.now, newId: randomUUID };
  if (place.kind === 'sqlite') {
    const db = openDatabase(place.path, { busyTimeoutMs: 20_000 });
    return { queue: openSqliteRequestQueue(db, options), close: () => db.close() };
  }
  const client = new DynamoDBClient({
    endpoint: place.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const queue = openDynamoRequestQueue(openRequestTable(client, place.table), options);
  return { queue, close: () => client.destroy() };
}
