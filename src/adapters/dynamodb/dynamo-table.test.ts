import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbKind, makeTestTable } from '../../../test/servers/dynamodb-client.ts';
import { ConditionFailed } from './dynamo-error.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { absent, all, begins, between, compare, equal } from './expression.ts';

let table: DynamoTable;
let close: () => Promise<void>;
beforeAll(async () => ({ table, close } = await makeTestTable()));
afterAll(() => close());

const key = (name: string) => ({ PK: `THING#${name}`, SK: 'DATA' });

describe('a DynamoDB table', () => {
  it('keeps items whose attributes have reserved names, and leaves out what is undefined', async () => {
    const item = { ...key('reserved'), size: 1, duration: 2.5, name: 'a', status: null, none: undefined };
    await table.put(item);
    const { none: _none, ...kept } = item;
    expect(await table.get(key('reserved'))).toEqual(kept);
    expect(await table.get(key('reserved'), { fields: ['size', 'name'], consistent: true })).toEqual({
      size: 1,
      name: 'a',
    });
    expect(await table.get(key('nothing'))).toBeNull();
  });

  it('writes only what its condition allows, and says so', async () => {
    await table.put({ ...key('once'), size: 1 }, absent('PK'));
    await expect(table.put({ ...key('once'), size: 2 }, absent('PK'))).rejects.toThrow(ConditionFailed);
    const grown = await table.update(
      key('once'),
      { set: { name: 'b' }, add: { size: 4 } },
      all(equal('size', 1), compare('size', '<', 2)),
    );
    expect(grown).toMatchObject({ size: 5, name: 'b' });
    expect(await table.update(key('once'), { remove: ['name'] })).toEqual({ ...key('once'), size: 5 });
    await expect(table.delete(key('once'), equal('size', 1))).rejects.toThrow(ConditionFailed);
    expect(await table.delete(key('once'), equal('size', 5))).toEqual({ ...key('once'), size: 5 });
    expect(await table.delete(key('once'))).toBeNull();
  });

  it('reads and writes more than one request holds', async () => {
    const names = Array.from({ length: 230 }, (_, number) => `many-${String(number).padStart(3, '0')}`);
    await table.writeMany(names.map((name) => ({ put: { ...key(name), name } })));
    const found = await table.getMany([...names, ...names, 'none'].map(key), { fields: ['name'] });
    expect(found.map(({ name }) => name).sort()).toEqual(names);
    await table.writeMany(names.map((name) => ({ delete: key(name) })));
    expect(await table.getMany(names.map(key))).toEqual([]);
  });

  it('pages through a partition and an index, both ways', async () => {
    const text = 'x'.repeat(100_000);
    const items = Array.from({ length: 25 }, (_, number) => ({
      PK: 'LIST',
      SK: `N#${String(number).padStart(2, '0')}`,
      GSI2PK: 'BY#TIME',
      GSI2SK: String(99 - number),
      text,
    }));
    await table.writeMany(items.map((item) => ({ put: item })));
    const read = async (request: Parameters<DynamoTable['query']>[0]) => {
      const sorts: unknown[] = [];
      for await (const item of table.queryAll(request)) sorts.push(item['SK']);
      return sorts;
    };
    const sorts = items.map(({ SK }) => SK);
    // More than a megabyte, and so in several pages.
    expect(await read({ partition: 'LIST' })).toEqual(sorts);
    expect(await read({ partition: 'LIST', descending: true, limit: 7 })).toEqual(sorts.toReversed());
    expect(await read({ partition: 'BY#TIME', index: 'GSI2' })).toEqual(sorts.toReversed());
    expect(await read({ partition: 'LIST', sort: begins('SK', 'N#1') })).toEqual(sorts.slice(10, 20));
    expect(await read({ partition: 'LIST', sort: between('SK', 'N#03', 'N#05') })).toEqual(sorts.slice(3, 6));
    const page = await table.query({ partition: 'LIST', limit: 3, fields: ['PK', 'SK'] });
    expect(page.items.map(({ SK }) => SK)).toEqual(sorts.slice(0, 3));
    expect(await read({ partition: 'LIST', after: page.last })).toEqual(sorts.slice(3));
  });

  it.skipIf(dynamoDbKind === 'dynalite')(
    'writes all of a transaction or none, and says what failed',
    async () => {
      await table.transact([
        { kind: 'put', item: { ...key('t1'), size: 1 }, condition: absent('PK') },
        { kind: 'put', item: { ...key('t2'), size: 1 } },
      ]);
      const failing = table.transact([
        { kind: 'update', key: key('t1'), change: { set: { size: 2 } } },
        { kind: 'check', key: key('t2'), condition: equal('size', 2) },
      ]);
      await expect(failing).rejects.toMatchObject({ name: 'ConditionFailed', places: [1] });
      expect(await table.get(key('t1'))).toMatchObject({ size: 1 });
      // They meet on one item again and again.
      await Promise.all(
        Array.from({ length: 8 }, () =>
          table.transact([
            { kind: 'update', key: key('t1'), change: { add: { size: 1 } } },
            { kind: 'update', key: key('t2'), change: { add: { size: 1 } } },
          ]),
        ),
      );
      expect(await table.getMany([key('t1'), key('t2')], { consistent: true })).toMatchObject([
        { size: 9 },
        { size: 9 },
      ]);
    },
  );

  it('tells what the service refuses as storage that does not work', async () => {
    await expect(table.put({ PK: '', SK: 'x' })).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
