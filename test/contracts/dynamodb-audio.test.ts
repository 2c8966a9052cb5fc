import { openDynamoAudioFileStore } from '../../src/adapters/dynamodb/dynamo-audio-file-store.ts';
import { makeTestTable } from '../servers/dynamodb-client.ts';
import { describeAudioFileStoreContract } from './audio-file-store.contract.ts';

async function open() {
  const { table, close } = await makeTestTable();
  return { store: openDynamoAudioFileStore(table), close };
}

describeAudioFileStoreContract('dynamodb', open);
