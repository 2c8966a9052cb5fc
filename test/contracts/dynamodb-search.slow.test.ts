import { describe } from 'vitest';
import { openDynamoAudioFileStore } from '../../src/adapters/dynamodb/dynamo-audio-file-store.ts';
import { dynamoDbKind, makeTestTable } from '../servers/dynamodb-client.ts';
import { describeAudioFileSearchContract } from './audio-file-search.contract.ts';

// DynamoDB Local takes half a minute for what SQLite does in two seconds; dynalite knows no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('with transactions', () => {
  describeAudioFileSearchContract('dynamodb', async () => {
    const { table, close } = await makeTestTable();
    return { store: openDynamoAudioFileStore(table), close };
  });
});
