import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openTable, type DynamoTable } from './dynamo-table.ts';

export interface RequestKey {
  readonly RequestID: string;
}

type RequestIndex = 'ConnectionIndex' | 'StatusIndex' | 'UserIndex';

export type RequestTable = DynamoTable<RequestKey, RequestIndex>;

export const openRequestTable = (client: DynamoDBClient, name: string): RequestTable =>
  openTable(client, name, {
    key: ['RequestID'],
    indexes: { ConnectionIndex: 'ConnectionID', StatusIndex: 'Status', UserIndex: 'UserID' },
  });
