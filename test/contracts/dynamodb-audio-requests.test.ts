import { beforeAll, describe, expect, it } from 'vitest';
import { audioFile } from '../sample-records.ts';
import { openCountedAudioFiles } from '../servers/counted-audio-files.ts';
import { dynamoDbKind } from '../servers/dynamodb-client.ts';

const nameOf = (number: number): string => `file ${String(number).padStart(4, '0')}.mp3`;

describe.skipIf(dynamoDbKind === 'dynalite')('audio files in DynamoDB: requests', () => {
  const counted = openCountedAudioFiles();

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
    expect(await counted.count(ask)).toEqual({ BatchGetItem: 1 });
    expect(await counted.count(() => Promise.all(Array.from({ length: 50 }, ask)))).toEqual({
      BatchGetItem: 2,
    });
  });

  it('takes two for a search of one word, and one more for each further word', async () => {
    const search = (text: string) => () => counted.store().search('default', text, 100);
    expect(await counted.count(search('tale'))).toEqual({ Query: 1, BatchGetItem: 1 });
    expect(await counted.count(search('ta 77'))).toEqual({ Query: 2, BatchGetItem: 1 });
    expect(await counted.count(search('none'))).toEqual({ Query: 1 });
  });

  it('takes no more for what is said, and one for words of which some are', async () => {
    const { store } = { store: counted.store() };
    for (const number of [1, 2, 3]) {
      const file = await store.find('default', nameOf(number));
      if (file === null) throw new Error('It is not there.');
      await store.save(file, file.revision, { transcriptWords: ['whale', `said${number}`] });
    }
    const search = (text: string) => () => counted.store().search('default', text, 100);
    expect(await counted.count(search('whale'))).toEqual({ Query: 1, BatchGetItem: 1 });
    expect(await counted.count(search('whale said2'))).toEqual({ Query: 2, BatchGetItem: 1 });
    // All files have "tale", three of them "whale": those are read, and know it themselves.
    expect(await counted.count(search('tale whale'))).toEqual({ Query: 2, BatchGetItem: 1 });
  });

  it('writes a transcript once, and not again when it is the same', async () => {
    const { store } = { store: counted.store() };
    const words = Array.from({ length: 100 }, (_, number) => `word${number}`);
    const save = async () => {
      const file = await store.find('default', nameOf(9));
      if (file === null) throw new Error('It is not there.');
      await store.save(file, file.revision, { transcriptWords: words });
    };
    // "w", "wo", "wor", "word", and a hundred and ten more: 104 terms.
    expect(await counted.count(save)).toEqual({ GetItem: 2, BatchWriteItem: 5, TransactWriteItems: 1 });
    expect(await counted.count(save)).toEqual({ GetItem: 3, TransactWriteItems: 1 });
  });

  it('writes no terms where the words stay', async () => {
    const file = await counted.store().find('default', nameOf(5));
    if (file === null) throw new Error('It is not there.');
    const save = () => counted.store().save({ ...file, durationMs: 7 }, file.revision);
    expect(await counted.count(save)).toEqual({ GetItem: 1, TransactWriteItems: 1 });
  });
});
