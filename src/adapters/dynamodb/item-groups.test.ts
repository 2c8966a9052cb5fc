import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbKind, makeTestTable } from '../../../test/servers/dynamodb-client.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { createGroup, deleteGroupOnce, deleteGroups, deleteGroupsFound } from './item-groups.ts';
import { text } from './item-fields.ts';
import { itemKey } from './keys.ts';

let table: DynamoTable;
let close: () => Promise<void>;
beforeAll(async () => ({ table, close } = await makeTestTable()));
afterAll(() => close());

const group = (name: string) => [itemKey(`BY_ID#${name}`, 'ONE'), itemKey('ALL', name)];
const itemsOf = (name: string) => group(name).map((key) => ({ ...key }));
const countOf = async (name: string) => (await table.getMany(group(name), { consistent: true })).length;

describe.skipIf(dynamoDbKind === 'dynalite')('a group of items', () => {
  it('is made whole, and not where one of it is there', async () => {
    await createGroup(table, itemsOf('a'), 'Taken.');
    expect(await countOf('a')).toBe(2);
    await table.put({ ...itemKey('ALL', 'b') });
    const taken = createGroup(table, itemsOf('b'), 'Taken.');
    await expect(taken).rejects.toMatchObject({ code: 'already_exists', message: 'Taken.' });
    expect(await countOf('b')).toBe(1);
  });

  it('is deleted by one of many, who is told', async () => {
    await createGroup(table, itemsOf('c'), 'Taken.');
    const [decisive = itemKey('', ''), ...others] = group('c');
    const deletions = Array.from({ length: 5 }, () => deleteGroupOnce(table, decisive, others));
    expect((await Promise.all(deletions)).filter((isDeleted) => isDeleted)).toHaveLength(1);
    expect(await countOf('c')).toBe(0);
  });

  it('is deleted with more others than a transaction holds', async () => {
    const names = Array.from({ length: 120 }, (_, number) => `many ${number}`);
    await table.writeMany(names.flatMap(itemsOf).map((item) => ({ put: item })));
    await deleteGroups(table, names.slice(0, 60).map(group));
    expect(await table.getMany(names.flatMap(group), { consistent: true })).toHaveLength(120);
    await deleteGroupsFound(table, { partition: 'ALL', consistent: true }, (item) => group(text(item, 'SK')));
    expect(await table.getMany(names.flatMap(group), { consistent: true })).toEqual([]);
  });
});
