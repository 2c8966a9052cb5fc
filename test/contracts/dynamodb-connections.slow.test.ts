import { describeDynamoConnectionProperties } from './dynamodb-connection-properties.ts';

await describeDynamoConnectionProperties(100);
