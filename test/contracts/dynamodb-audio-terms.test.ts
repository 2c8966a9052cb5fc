import { describe, expect, it } from 'vitest';
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
