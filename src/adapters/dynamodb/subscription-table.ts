import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openTable, type DynamoTable } from './dynamo-table.ts';

export interface SubscriptionKey {
  readonly SubscriptionID: string;
}

export type SubscriptionTable = DynamoTable<SubscriptionKey, 'ConnectionIndex' | 'RequestIndex'>;

export const openSubscriptionTable = (client: DynamoDBClient, name: string): SubscriptionTable =>
  openTable(client, name, {
    key: ['SubscriptionID'],
    indexes: { ConnectionIndex: 'ConnectionID', RequestIndex: 'RequestID' },
  });
