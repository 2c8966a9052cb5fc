import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DynamoTable } from '../../src/adapters/dynamodb/dynamo-table.ts';
import { openDynamoStreamStore } from '../../src/adapters/dynamodb/dynamo-stream-store.ts';
import type { Log } from '../../src/domain/log.ts';
import type { StreamStore } from '../../src/domain/stream.ts';
import { makeTestTable } from '../servers/dynamodb-client.ts';
import { describeStreamStoreContract } from './stream-store.contract.ts';

const warnings: string[] = [];
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_fields, message) => void warnings.push(message),
  error: () => undefined,
};

describeStreamStoreContract('dynamodb', async (clock) => {
  const { table, close } = await makeTestTable();
  return { store: openDynamoStreamStore(table, { clock, log }), close };
});

describe('streams in DynamoDB', () => {
  let table: DynamoTable;
  let store: StreamStore;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ table, close } = await makeTestTable());
    store = openDynamoStreamStore(table, { clock: Date.now, log });
  });
  afterAll(() => close());

  const old = (name: string) => ({ PK: `STREAM#${name}`, SK: 'DEFINITION', name, files: ['a.mp3', 'b.mp3'] });

  it('reads what older deployments wrote, and upgrades it with the first save', async () => {
    await table.put({ ...old('old'), loop: true });
    await table.put(old('older'));
    const found = await store.find('default', 'old');
    expect(found).toMatchObject({
      tenantId: 'default',
      name: 'old',
      files: ['a.mp3', 'b.mp3'],
      playMode: 'loop',
    });
    expect(await store.find('default', 'older')).toMatchObject({
      playMode: 'sequential',
      persistence: 'permanent',
    });
    for (const name of ['old', 'older']) {
      const stream = await store.find('default', name);
      if (stream === null) throw new Error('It is not there.');
      const { revision, ...definition } = stream;
      const outcomes = await Promise.allSettled(
        ['c.mp3', 'd.mp3', 'e.mp3'].map((file) => store.save({ ...definition, files: [file] }, revision)),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      await expect(store.delete('default', name, revision)).rejects.toMatchObject({
        code: 'precondition_failed',
      });
    }
    const { items } = await store.list('default', { limit: 10 });
    expect(items.map(({ name, playMode }) => [name, playMode])).toEqual([
      ['old', 'loop'],
      ['older', 'sequential'],
    ]);
    expect(await table.get({ PK: 'STREAM#old', SK: 'DEFINITION' })).toMatchObject({
      name: 'old',
      loop: true,
    });
  });

  it('lets one of many savers of a revision win, whichever instance they ask', async () => {
    const stores = [store, openDynamoStreamStore(table, { clock: Date.now, log })];
    let { revision } = await store.save({
      tenantId: 'races',
      name: 'one',
      files: [],
      playMode: 'loop',
      persistence: 'permanent',
    });
    for (let round = 0; round < 10; round += 1) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 6 }, (_, number) =>
          (stores[number % 2] ?? store).save(
            {
              tenantId: 'races',
              name: 'one',
              files: [`${round}-${number}.mp3`],
              playMode: 'loop',
              persistence: 'permanent',
            },
            revision,
          ),
        ),
      );
      const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(winners).toHaveLength(1);
      expect(await store.find('races', 'one')).toEqual(winners[0]);
      revision = winners[0]?.revision ?? '';
    }
  });

  it('reports a definition that cannot be read, and lists the others', async () => {
    const index = { GSI1PK: 'TENANT#odd#STREAMS' };
    const item = {
      ...old('bad'),
      PK: 'TENANT#odd#STREAM#bad',
      ...index,
      GSI1SK: 'bad',
      play_mode: 'backwards',
    };
    await table.put(item);
    await store.save({
      tenantId: 'odd',
      name: 'good',
      files: [],
      playMode: 'loop',
      persistence: 'permanent',
    });
    const { items } = await store.list('odd', { limit: 10 });
    expect(items.map(({ name }) => name)).toEqual(['good']);
    expect(warnings).toContain('the definition of a stream cannot be read');
  });

  it('leaves a session stream that was made permanent meanwhile', async () => {
    const session = {
      tenantId: 'session',
      playMode: 'loop',
      persistence: 'session',
      sessionId: 's',
      files: [],
    } as const;
    await store.save({ ...session, name: 'mine' });
    await store.save({ ...session, name: 'kept' });
    await store.save({ ...session, name: 'kept', persistence: 'permanent', sessionId: undefined });
    await store.deleteBySession('session', 's');
    expect(await store.find('session', 'mine')).toBeNull();
    expect(await store.find('session', 'kept')).not.toBeNull();
    const names = await table.query({ partition: 'TENANT#session#SESSION_STREAMS#s' });
    expect(names.items).toEqual([]);
  });
});
