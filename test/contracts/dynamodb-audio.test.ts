import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDynamoAudioFileStore } from '../../src/adapters/dynamodb/dynamo-audio-file-store.ts';
import { openDynamoTable, type DynamoTable, type Item } from '../../src/adapters/dynamodb/dynamo-table.ts';
import type { AudioFileStore } from '../../src/domain/audio-file.ts';
import { searchLevel } from '../../src/domain/audio-search.ts';
import { audioFile, playablePart, START_MS } from '../sample-records.ts';
import { dynamoDbKind, makeDynamoClient, makeTestTable } from '../servers/dynamodb-client.ts';
import { describeAudioFileStoreContract } from './audio-file-store.contract.ts';

async function open() {
  const { table, close } = await makeTestTable();
  return { store: openDynamoAudioFileStore(table), close };
}

// A record and what leads to it are one transaction, which dynalite does not know.
const describeWhereTransactions = describe.skipIf(dynamoDbKind === 'dynalite');

describeWhereTransactions('with transactions', () => {
  describeAudioFileStoreContract('dynamodb', open);
});

/** A library on a table of its own, whose requests are counted by their names. */
function openCounted() {
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

const nameOf = (number: number): string => `file ${String(number).padStart(4, '0')}.mp3`;

describeWhereTransactions('audio files in DynamoDB: requests', () => {
  const counted = openCounted();

  beforeAll(async () => {
    const store = counted.store();
    for (let start = 0; start < 1000; start += 25) {
      await Promise.all(
        Array.from({ length: 25 }, (_, offset) => {
          const number = start + offset;
          const state = number % 100 === 0 ? 'failed' : 'ready';
          return store.create(audioFile(nameOf(number), { state, title: `Tale ${number}` }));
        }),
      );
    }
  }, 120_000);

  it('takes one for the record of a file', async () => {
    expect(await counted.count(() => counted.store().find('default', nameOf(1)))).toEqual({ GetItem: 1 });
  });

  it('takes one for a page of a hundred files, however sorted', async () => {
    for (const sort of ['name', 'created', 'duration'] as const) {
      const request = () => counted.store().list('default', { sort, limit: 100 });
      expect(await counted.count(request)).toEqual({ Query: 1 });
    }
  });

  it('takes two for the few files of one state, and reads no others', async () => {
    let names: string[] = [];
    const requests = await counted.count(async () => {
      const { items } = await counted.store().list('default', { sort: 'name', state: 'failed', limit: 100 });
      names = items.map(({ filename }) => filename);
    });
    expect(names).toEqual(Array.from({ length: 10 }, (_, number) => nameOf(number * 100)));
    expect(requests).toEqual({ Query: 1, BatchGetItem: 1 });
  });

  it('takes ten for a thousand records', async () => {
    const names = Array.from({ length: 1000 }, (_, number) => nameOf(number));
    const request = async () => expect(await counted.store().findMany('default', names)).toHaveLength(1000);
    expect(await counted.count(request)).toEqual({ BatchGetItem: 10 });
  });

  it('takes one for the version, whoever else asks meanwhile one more', async () => {
    const ask = () => counted.store().version();
    expect(await counted.count(ask)).toEqual({ Query: 1 });
    expect(await counted.count(() => Promise.all(Array.from({ length: 50 }, ask)))).toEqual({ Query: 2 });
  });

  it('takes two for a search of one word, and one more for each further word', async () => {
    const search = (text: string) => () => counted.store().search('default', text, 100);
    expect(await counted.count(search('tale'))).toEqual({ Query: 1, BatchGetItem: 1 });
    expect(await counted.count(search('ta 77'))).toEqual({ Query: 2, BatchGetItem: 1 });
    expect(await counted.count(search('none'))).toEqual({ Query: 1 });
  });

  it('writes no terms where the words stay', async () => {
    const file = await counted.store().find('default', nameOf(5));
    if (file === null) throw new Error('It is not there.');
    const save = () => counted.store().save({ ...file, durationMs: 7 }, file.revision);
    expect(await counted.count(save)).toEqual({ GetItem: 1, TransactWriteItems: 1 });
  });
});

describeWhereTransactions('audio files in DynamoDB', () => {
  const counted = openCounted();
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

  const old = (filename: string, change: Item = {}): Item => ({
    PK: `AUDIO#${filename}`,
    SK: 'METADATA',
    filename,
    size: 12_345,
    duration: 61,
    transcript_status: 'completed',
    created_at: '2024-05-06T07:08:09.123456+00:00',
    updated_at: '2024-05-07T07:08:09+00:00',
    ...change,
  });

  it('reads every item of older deployments', async () => {
    const { store, table } = { store: counted.store(), table: counted.table() };
    await table.put(
      old('old.mp3', { transcript: 'Once upon a time', transcribed_at: '2024-05-07T07:08:09+00:00' }),
    );
    await table.put(
      old('old error.mp3', { transcript_status: 'error', transcript_error: 'No.', duration: null }),
    );
    for (const status of ['pending', 'processing', 'failed', 'cancelled', 'disabled']) {
      await table.put(old(`old ${status}.mp3`, { transcript_status: status, transcript: null }));
      expect(await store.find('default', `old ${status}.mp3`)).toMatchObject({
        transcriptStatus: status,
        hasTranscript: false,
      });
    }
    expect(await store.find('default', 'old.mp3')).toEqual({
      tenantId: 'default',
      filename: 'old.mp3',
      revision: 0,
      originalFilename: 'old.mp3',
      title: '',
      description: '',
      tags: [],
      state: 'ready',
      durationMs: 61_000,
      originalSizeBytes: 12_345,
      originalSha256: '',
      createdBy: '',
      transcriptStatus: 'completed',
      hasTranscript: true,
      createdAtMs: Date.UTC(2024, 4, 6, 7, 8, 9, 123),
      updatedAtMs: Date.UTC(2024, 4, 7, 7, 8, 9),
    });
    const [failed] = await store.findMany('default', ['old error.mp3']);
    expect(failed).toMatchObject({ transcriptStatus: 'failed', durationMs: 0 });
  });

  it('upgrades old items when they are saved: they are listed and found, and lose nothing', async () => {
    const { store, table } = { store: counted.store(), table: counted.table() };
    await table.put(old('grandmother.mp3', { transcript: 'Once', transcript_error: null }));
    const file = await store.find('default', 'grandmother.mp3');
    if (file === null) throw new Error('It is not there.');
    const outcomes = await Promise.allSettled(
      ['One', 'Two'].map((title) => store.save({ ...file, title, part: playablePart() }, 0)),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await store.search('default', 'grandmother', 10)).toHaveLength(1);
    const { items } = await store.list('default', { sort: 'created', state: 'ready', limit: 1000 });
    // Made long before all others.
    expect(items.at(-1)?.filename).toBe('grandmother.mp3');
    expect(await store.isObjectReferenced('playable/abc.mp3')).toBe(true);
    expect(await table.get({ PK: 'AUDIO#grandmother.mp3', SK: 'METADATA' })).toMatchObject({
      transcript: 'Once',
      transcript_error: null,
      has_transcript: true,
      duration: 61,
      duration_ms: 61_000,
      created_at: '2024-05-06T07:08:09.123+00:00',
    });
    await table.put(old('unsaved.mp3'));
    expect(await store.delete('default', 'unsaved.mp3')).toMatchObject({ filename: 'unsaved.mp3' });
    expect(await store.find('default', 'unsaved.mp3')).toBeNull();
  });

  it('leaves nothing of a file that is gone', async () => {
    const { store, table } = { store: counted.store(), table: counted.table() };
    const name = 'vanishing.mp3';
    const created = await store.create(audioFile(name, { part: playablePart({ key: 'playable/v.mp3' }) }));
    const saved = await store.save({ ...created, title: 'Evanescent' }, 1, [{ title: 'One', startMs: 0 }]);
    expect(saved.chapterCount).toBe(1);
    await store.delete('default', name);
    for (const partition of [
      `AUDIO#${name}`,
      `HASH#sha-${name}`,
      'OBJECT#playable/v.mp3',
      'TERM#evanescent',
      'TERM#vanishing',
    ]) {
      expect(await all(partition), partition).toEqual([]);
    }
    expect(await table.get({ PK: `AUDIO#${name}`, SK: 'CHAPTERS' })).toBeNull();
  });

  it('finds what records say, whatever terms are left of writes that were lost', async () => {
    const { store, table } = { store: counted.store(), table: counted.table() };
    for (let number = 0; number < 5; number += 1) {
      await store.create(audioFile(`kept ${number}.mp3`, { tenantId: 'lost', description: 'walrus' }));
      const lost = `0#${'0'.repeat(15)}${number}#kept ${number}.mp3#deadbeef0000`;
      await table.put({ PK: 'TENANT#lost#TERM#walrus', SK: lost });
      await table.put({ PK: 'TENANT#lost#TERM#walrus', SK: lost.replace('kept', 'never made') });
    }
    for (const limit of [1, 2, 5, 100]) {
      const found = await store.search('lost', 'walrus', limit);
      const names = [4, 3, 2, 1, 0].map((number) => `kept ${number}.mp3`);
      expect(found.map(({ file }) => file.filename)).toEqual(names.slice(0, limit));
    }
  });

  it('finds words that are longer than a term, as well as they are written', async () => {
    const { store } = { store: counted.store() };
    const word = 'donaudampfschifffahrtsgesellschaftskapitän';
    await store.create(audioFile('1.mp3', { tenantId: 'long', title: word }));
    await store.create(audioFile('2.mp3', { tenantId: 'long', title: `${word}e` }));
    await store.create(
      audioFile('3.mp3', { tenantId: 'long', description: word.replace('kapitän', 'matrose') }),
    );
    const found = async (text: string, limit: number) =>
      (await store.search('long', text, limit)).map(({ file }) => file.filename);
    expect(await found(word, 10)).toEqual(['1.mp3', '2.mp3']);
    expect(await found(word, 1)).toEqual(['1.mp3']);
    expect(await found(word.slice(0, 31), 10)).toEqual(['2.mp3', '1.mp3', '3.mp3']);
    expect(await found(word.slice(0, 30), 10)).toEqual(['2.mp3', '1.mp3', '3.mp3']);
  });

  it('gives what many have of two common words as `searchLevel` has it, with few requests', async () => {
    const { store } = { store: counted.store() };
    const files = Array.from({ length: 1300 }, (_, number) => {
      const title = number % 7 === 0 ? 'north' : 'south';
      const description = number % 5 === 0 ? 'wind' : 'windy north';
      const tags = number % 11 === 0 ? ['wind'] : [];
      return audioFile(nameOf(number), {
        tenantId: 'dense',
        title,
        description,
        tags,
        createdAtMs: START_MS,
      });
    });
    // Files come in the order in which they are asked for.
    for (let start = 0; start < files.length; start += 25) {
      await Promise.all(files.slice(start, start + 25).map((file) => store.create(file)));
    }
    const words = ['north', 'wind'];
    const expected = files
      .toReversed()
      .flatMap((file) => {
        const level = searchLevel(file, words);
        return level === null ? [] : [{ name: file.filename, level }];
      })
      .sort((a, b) => a.level - b.level)
      .map(({ name }) => name);
    for (const limit of [1, 10, 100]) {
      let found: string[] = [];
      const requests = await counted.count(async () => {
        found = (await store.search('dense', 'north wind', limit)).map(({ file }) => file.filename);
      });
      expect(found).toEqual(expected.slice(0, limit));
      expect(requests['Query']).toBeLessThan(30);
      expect(requests['BatchGetItem']).toBe(1);
    }
  }, 120_000);
});
