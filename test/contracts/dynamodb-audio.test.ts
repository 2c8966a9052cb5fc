import { describe, expect, it } from 'vitest';
import { openDynamoAudioFileStore } from '../../src/adapters/dynamodb/dynamo-audio-file-store.ts';
import type { Item } from '../../src/adapters/dynamodb/dynamo-table.ts';
import { audioFile, playablePart } from '../sample-records.ts';
import { openCountedAudioFiles } from '../servers/counted-audio-files.ts';
import { dynamoDbKind, makeTestTable } from '../servers/dynamodb-client.ts';
import { describeAudioFileListContract } from './audio-file-list.contract.ts';
import { describeAudioFileStoreContract } from './audio-file-store.contract.ts';

async function open() {
  const { table, close } = await makeTestTable();
  return { store: openDynamoAudioFileStore(table), close };
}

// A record and what leads to it are one transaction, which dynalite does not know.
const describeWhereTransactions = describe.skipIf(dynamoDbKind === 'dynalite');

describeWhereTransactions('with transactions', () => {
  describeAudioFileStoreContract('dynamodb', open);
  describeAudioFileListContract('dynamodb', open);
});

describeWhereTransactions('audio files in DynamoDB', () => {
  const counted = openCountedAudioFiles();
  const all = async (partition: string): Promise<Item[]> =>
    Array.fromAsync(counted.table().queryAll({ partition }));

  it('lets one of two creators win, and keeps no terms of the other', async () => {
    const stores = [counted.store(), openDynamoAudioFileStore(counted.table())];
    for (let round = 0; round < 30; round += 1) {
      const name = `race ${round}.mp3`;
      const outcomes = await Promise.allSettled(
        stores.map((store, number) => store.create(audioFile(name, { title: `contender${number}` }))),
      );
      const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(winners).toHaveLength(1);
      const [loss] = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome] : []));
      expect(loss?.reason).toMatchObject({ code: 'already_exists' });
      expect(await counted.store().find('default', name)).toEqual(winners[0]);
    }
    expect(await all('TERM#contender')).toHaveLength(30);
    const { items } = await counted.store().list('default', { sort: 'name', limit: 1000 });
    expect(items).toHaveLength(30);
  });

  it('tells every instance of what another one wrote', async () => {
    const other = openDynamoAudioFileStore(counted.table());
    const seen = new Set([await other.version()]);
    const created = await counted.store().create(audioFile('told.mp3', { tenantId: 'telling' }));
    expect(await counted.store().version()).toBe(await other.version());
    seen.add(await other.version());
    await counted.store().save(created, 1);
    seen.add(await other.version());
    await counted.store().delete('telling', 'told.mp3');
    seen.add(await other.version());
    expect(seen.size).toBe(4);
  });

  it('tells another version after a write, whichever of its counters that raised', async () => {
    const reader = openDynamoAudioFileStore(counted.table());
    const seen = new Set([await reader.version()]);
    for (const [place, random] of [0, 0.25, 0.5, 0.75, 0.999_999].entries()) {
      const writer = openDynamoAudioFileStore(counted.table(), { random: () => random });
      await writer.create(audioFile(`counted ${place}.mp3`, { tenantId: 'counting' }));
      const told = await reader.version();
      expect(told).toBe(await reader.version());
      seen.add(told);
    }
    expect(seen.size).toBe(6);
  });

  it('leaves nothing of a file that is gone', async () => {
    const { store, table } = { store: counted.store(), table: counted.table() };
    const name = 'vanishing.mp3';
    const created = await store.create(audioFile(name, { part: playablePart({ key: 'playable/v.mp3' }) }));
    const saved = await store.save({ ...created, title: 'Evanescent' }, 1, {
      chapters: [{ title: 'One', startMs: 0 }],
      transcriptWords: ['ephemeral'],
    });
    expect(saved.chapterCount).toBe(1);
    expect(await all('TERM#eph')).toHaveLength(1);
    await store.save(saved, 2, { transcriptWords: ['fleeting'] });
    expect(await all('TERM#eph')).toEqual([]);
    await store.delete('default', name);
    for (const partition of [
      `AUDIO#${name}`,
      `HASH#sha-${name}`,
      'OBJECT#playable/v.mp3',
      'TERM#evanescent',
      'TERM#ephemeral',
      'TERM#fleeting',
      'TERM#vanishing',
    ]) {
      expect(await all(partition), partition).toEqual([]);
    }
    expect(await table.get({ PK: `AUDIO#${name}`, SK: 'CHAPTERS' })).toBeNull();
  });
});
