import { describe, expect, it } from 'vitest';
import { openDynamoAudioFileStore } from '../../src/adapters/dynamodb/dynamo-audio-file-store.ts';
import { newTermsId } from '../../src/adapters/dynamodb/dynamo-audio-terms.ts';
import { searchLevel } from '../../src/domain/audio-search.ts';
import { audioFile, START_MS } from '../sample-records.ts';
import { openCountedAudioFiles } from '../servers/counted-audio-files.ts';
import { dynamoDbKind } from '../servers/dynamodb-client.ts';

const nameOf = (number: number): string => `file ${String(number).padStart(4, '0')}.mp3`;

describe.skipIf(dynamoDbKind === 'dynalite')('search terms in DynamoDB', () => {
  const counted = openCountedAudioFiles();

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

  it('deletes the terms of writes that were lost a day ago, where a search meets them', async () => {
    const table = counted.table();
    let nowMs = START_MS;
    const store = openDynamoAudioFileStore(table, { clock: () => nowMs });
    const killed = openDynamoAudioFileStore(
      { ...table, transact: () => Promise.reject(new Error('killed')) },
      { clock: () => nowMs },
    );
    const termsOf = (word: string) =>
      Array.fromAsync(table.queryAll({ partition: `TENANT#killed#TERM#${word}`, consistent: true }));
    const found = async (text: string) =>
      (await store.search('killed', text, 10)).map(({ file }) => file.filename);

    const kept = await store.create(audioFile('kept.mp3', { tenantId: 'killed', title: 'Old narwhal' }));
    const neverMade = audioFile('never made.mp3', { tenantId: 'killed', description: 'narwhal tusk' });
    await expect(killed.create(neverMade)).rejects.toThrow('killed');
    await expect(killed.save({ ...kept, title: 'New narwhal' }, 1)).rejects.toThrow('killed');
    expect(await termsOf('narwhal')).toHaveLength(3);
    // A record that is being written looks the same.
    nowMs += 23 * 3_600_000;
    expect(await found('narwhal')).toEqual(['kept.mp3']);
    expect(await termsOf('narwhal')).toHaveLength(3);
    nowMs += 2 * 3_600_000;
    expect(await found('tusk narwhal')).toEqual([]);
    expect(await termsOf('tusk')).toEqual([]);
    expect(await termsOf('narwhal')).toHaveLength(2);
    expect(await found('narwhal')).toEqual(['kept.mp3']);
    expect(await termsOf('narwhal')).toHaveLength(1);
    expect(await found('new')).toEqual([]);
    expect(await termsOf('new')).toEqual([]);
    expect(await found('old narw')).toEqual(['kept.mp3']);
  });

  it('finds what transcripts say, whatever terms are left of writes that were lost, and deletes them', async () => {
    const table = counted.table();
    let nowMs = START_MS;
    const store = openDynamoAudioFileStore(table, { clock: () => nowMs });
    const killed = openDynamoAudioFileStore(
      { ...table, transact: () => Promise.reject(new Error('killed')) },
      { clock: () => nowMs },
    );
    const tenantId = 'said';
    const termsOf = (word: string) =>
      Array.fromAsync(table.queryAll({ partition: `TENANT#said#TERM#${word}`, consistent: true }));
    const found = async (text: string, limit = 10) =>
      (await store.search(tenantId, text, limit)).map(({ file }) => file.filename);
    const one = await store.create(audioFile('one.mp3', { tenantId, title: 'Tale' }));
    const saved = await store.save(one, 1, { transcriptWords: ['narwhal', 'sea'] });
    await store.create(audioFile('two.mp3', { tenantId, description: 'narwhal' }));
    const lost = killed.save(saved, 2, { transcriptWords: ['tusk', 'narwhal'] });
    await expect(lost).rejects.toThrow('killed');
    expect(await termsOf('narwhal')).toHaveLength(3);
    for (const limit of [1, 2, 10]) {
      expect(await found('narwhal', limit)).toEqual(['two.mp3', 'one.mp3'].slice(0, limit));
    }
    expect(await found('tusk')).toEqual([]);
    expect(await found('tusk sea')).toEqual([]);
    expect(await found('tale sea narw')).toEqual(['one.mp3']);
    nowMs += 25 * 3_600_000;
    expect(await found('narwhal')).toEqual(['two.mp3', 'one.mp3']);
    expect(await termsOf('narwhal')).toHaveLength(2);
    expect(await found('tusk')).toEqual([]);
    expect(await termsOf('tusk')).toEqual([]);
    expect(await found('tale sea narw')).toEqual(['one.mp3']);
  });

  it('asks by key what transcripts say of a word that a thousand files have', async () => {
    const { store } = { store: counted.store() };
    const tenantId = 'crowd';
    const files = Array.from({ length: 1100 }, (_, number) => audioFile(nameOf(number), { tenantId }));
    for (let start = 0; start < files.length; start += 25) {
      await Promise.all(
        files.slice(start, start + 25).map(async (file, offset) => {
          const created = await store.create(file);
          const isRare = (start + offset) % 550 === 3;
          await store.save(created, 1, { transcriptWords: isRare ? ['common', 'rare'] : ['common'] });
        }),
      );
    }
    let found: string[] = [];
    const requests = await counted.count(async () => {
      found = (await store.search(tenantId, 'common rare', 10)).map(({ file }) => file.filename);
    });
    expect(found.sort()).toEqual([nameOf(3), nameOf(553)]);
    // The records, and the terms.
    expect(requests).toEqual({ Query: 2, BatchGetItem: 2 });
  }, 120_000);

  it('deletes lost terms with one request a search, however many there are', async () => {
    const partition = 'TENANT#many lost#TERM#narwhal';
    const termsId = newTermsId(START_MS);
    const names = Array.from({ length: 60 }, (_, number) => `never made ${number}.mp3`);
    const lost = names.map((name) => ({ PK: partition, SK: `1#${'0'.repeat(16)}#${name}#${termsId}` }));
    await counted.table().writeMany(lost.map((item) => ({ put: item })));
    const search = () => counted.store().search('many lost', 'narwhal', 100);
    const left: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      expect(await counted.count(search)).toEqual({ Query: 1, BatchGetItem: 1, BatchWriteItem: 1 });
      left.push((await Array.fromAsync(counted.table().queryAll({ partition, consistent: true }))).length);
    }
    expect(left).toEqual([35, 10, 0]);
    expect(await counted.count(search)).toEqual({ Query: 1 });
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
