import { afterAll, beforeAll } from 'vitest';
import { openDynamoAudioFileStore } from '../../src/adapters/dynamodb/dynamo-audio-file-store.ts';
import { openDynamoTable, type DynamoTable } from '../../src/adapters/dynamodb/dynamo-table.ts';
import type { AudioFileStore } from '../../src/domain/audio-file.ts';
import { makeDynamoClient, makeTestTable } from './dynamodb-client.ts';

export interface CountedAudioFiles {
  readonly table: () => DynamoTable;
  readonly store: () => AudioFileStore;
  /** How many requests of each name the work makes. */
  count(work: () => Promise<unknown>): Promise<Record<string, number>>;
}

/** Audio files in a table of a suite's own, whose requests are counted by their names. */
export function openCountedAudioFiles(): CountedAudioFiles {
  const requests: string[] = [];
  let table: DynamoTable;
  let store: AudioFileStore;
  let close: () => Promise<void>;
  beforeAll(async () => {
    const made = await makeTestTable();
    const client = makeDynamoClient();
    client.middlewareStack.add(
      (next, context) => (args) => {
        requests.push((context.commandName ?? '').replace('Command', ''));
        return next(args);
      },
      { step: 'finalizeRequest' },
    );
    table = openDynamoTable(client, made.table.name);
    store = openDynamoAudioFileStore(table);
    close = async () => {
      client.destroy();
      await made.close();
    };
  });
  afterAll(() => close());
  return {
    table: () => table,
    store: () => store,
    async count(work: () => Promise<unknown>): Promise<Record<string, number>> {
      requests.length = 0;
      await work();
      const byName = Map.groupBy(requests, (name) => name);
      return Object.fromEntries([...byName].map(([name, all]) => [name, all.length]));
    },
  };
}
