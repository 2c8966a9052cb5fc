import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestTable } from '../../../test/servers/dynamodb-client.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { gatherReads } from './gathered-reads.ts';
import { itemKey } from './keys.ts';

describe('reads that are gathered', () => {
  let opened: Awaited<ReturnType<typeof makeTestTable>>;
  let asked: string[];
  let table: DynamoTable;

  beforeAll(async () => {
    opened = await makeTestTable();
    for (const name of ['a', 'b']) await opened.table.put({ ...itemKey(name, 'X'), name });
    const counted: DynamoTable = {
      ...opened.table,
      get: (...given) => {
        asked.push('get');
        return opened.table.get(...given);
      },
      getMany: (...given) => {
        asked.push('getMany');
        return opened.table.getMany(...given);
      },
    };
    table = gatherReads(counted);
  });
  afterAll(() => opened.close());

  const read = (name: string) => table.get(itemKey(name, 'X'), { consistent: true });

  it('are one request within a turn, each with its own item, or none', async () => {
    asked = [];
    const found = await Promise.all([read('b'), read('none'), read('a'), read('b')]);
    expect(found.map((item) => item?.['name'])).toEqual(['b', undefined, 'a', 'b']);
    expect(found[1]).toBeNull();
    expect(asked).toEqual(['getMany']);
  });

  it('are as they were one after the other, or where they want less', async () => {
    asked = [];
    expect((await read('a'))?.['name']).toBe('a');
    expect(await read('none')).toBeNull();
    const some = await Promise.all([
      table.get(itemKey('a', 'X'), { consistent: true, fields: ['SK'] }),
      table.get(itemKey('b', 'X')),
    ]);
    expect(some).toEqual([{ SK: 'X' }, { ...itemKey('b', 'X'), name: 'b' }]);
    expect(asked).toEqual(['get', 'get', 'get', 'get']);
  });

  it('are one request with those of several items, each with its own', async () => {
    asked = [];
    const readMany = (...names: string[]) =>
      table.getMany(
        names.map((name) => itemKey(name, 'X')),
        { consistent: true },
      );
    const [one, some, all] = await Promise.all([
      read('a'),
      readMany('b', 'none'),
      readMany('a', 'b', 'b', 'none'),
    ]);
    expect(one?.['name']).toBe('a');
    expect(some.map((item) => item['name'])).toEqual(['b']);
    expect(all.map((item) => item['name']).toSorted()).toEqual(['a', 'b']);
    expect(asked).toEqual(['getMany']);
    expect(await readMany()).toEqual([]);
  });

  it('do not wait for those of many items', async () => {
    asked = [];
    const keys = Array.from({ length: 30 }, (_, number) => itemKey(`none-${number}`, 'X'));
    const [one, many] = await Promise.all([read('a'), table.getMany(keys, { consistent: true })]);
    expect(one?.['name']).toBe('a');
    expect(many).toEqual([]);
    expect(asked.toSorted()).toEqual(['get', 'getMany']);
  });

  it('fail together', async () => {
    const failing = gatherReads({ ...opened.table, getMany: () => Promise.reject(new Error('on purpose')) });
    const reads = ['a', 'b'].map((name) => failing.get(itemKey(name, 'X'), { consistent: true }));
    for (const { status } of await Promise.allSettled(reads)) expect(status).toBe('rejected');
  });
});
