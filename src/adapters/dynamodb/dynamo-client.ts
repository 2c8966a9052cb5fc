import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { clientOptions, type ServiceOptions } from '../aws/client-options.ts';

/** No request holds more than 16 MB, and no answer takes long to compute. */
const REQUEST_TIMEOUT_MS = 30_000;

export const openDynamoClient = (
  options: ServiceOptions<DynamoDBClientConfig['credentials']>,
): DynamoDBClient => new DynamoDBClient(clientOptions(options, REQUEST_TIMEOUT_MS));
