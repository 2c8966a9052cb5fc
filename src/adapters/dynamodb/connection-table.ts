import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openTable, type DynamoTable } from './dynamo-table.ts';

export interface ConnectionKey {
  readonly ConnectionID: string;
}

export type ConnectionTable = DynamoTable<ConnectionKey, 'UserIndex' | 'TenantIndex'>;

export const openConnectionTable = (client: DynamoDBClient, name: string): ConnectionTable =>
  openTable(client, name, {
    key: ['ConnectionID'],
    indexes: { UserIndex: 'UserID', TenantIndex: 'TenantID' },
  });
