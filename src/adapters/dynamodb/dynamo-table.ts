import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { setTimeout } from 'node:timers/promises';
import { translateDynamoError } from './dynamo-error.ts';
import { all, Expressions, type Change, type Condition, type Value } from './expression.ts';
import type { IndexName, QueryPage, QueryRequest } from './query.ts';
import { chunksOf, createRepetition } from './repetition.ts';

export type Item = Record<string, Value>;

/** `PK` and `SK`. */
export interface ItemKey {
  readonly PK: string;
  readonly SK: string;
}

/** How the keys of a table are called. */
export interface TableLayout<Key, Index extends string> {
  /** The attributes of its key, the partition key first. */
  readonly key: readonly [keyof Key & string, ...(keyof Key & string)[]];
  /** Of each index the attribute that is its partition key. */
  readonly indexes: Readonly<Record<Index, string>>;
}

/** The single table of all records. */
export const SINGLE_TABLE: TableLayout<ItemKey, IndexName> = {
  key: ['PK', 'SK'],
  indexes: { GSI1: 'GSI1PK', GSI2: 'GSI2PK', GSI3: 'GSI3PK' },
};

export type Write<Key = ItemKey> =
  | { readonly kind: 'put'; readonly item: Item; readonly condition?: Condition | undefined }
  | { readonly kind: 'delete'; readonly key: Key; readonly condition?: Condition | undefined }
  | {
      readonly kind: 'update';
      readonly key: Key;
      readonly change: Change;
      readonly condition?: Condition | undefined;
    }
  | { readonly kind: 'check'; readonly key: Key; readonly condition: Condition };

/**
 * One table, with every name aliased and what is left unprocessed tried again.
 *
 * All methods throw storage_unavailable when the service does; writes with a condition throw ConditionFailed when it
 * does not hold.
 */
export interface DynamoTable<Key = ItemKey, Index = IndexName> {
  readonly name: string;
  get(key: Key, options?: { consistent?: boolean; fields?: readonly string[] }): Promise<Item | null>;
  /** Those that there are, in no particular order; 100 a request. */
  getMany(
    keys: readonly Key[],
    options?: { consistent?: boolean; fields?: readonly string[] },
  ): Promise<Item[]>;
  /** One request. A page may hold fewer items than its limit, and not be the last. */
  query(request: QueryRequest<Index>): Promise<QueryPage>;
  /** All that there are, request by request. */
  queryAll(request: QueryRequest<Index>): AsyncGenerator<Item, void, undefined>;
  put(item: Item, condition?: Condition): Promise<void>;
  /** @returns the item as it is now */
  update(key: Key, change: Change, condition?: Condition): Promise<Item>;
  /** @returns the item that was there */
  delete(key: Key, condition?: Condition): Promise<Item | null>;
  /** All of up to 100 writes, or none. A failed condition tells its place. */
  transact(writes: readonly Write<Key>[]): Promise<void>;
  /** Any number, without conditions, each by itself whole; 25 a request. */
  writeMany(writes: readonly ({ put: Item } | { delete: Key })[]): Promise<void>;
}

const KEYS_A_GET = 100;
const WRITES_A_REQUEST = 25;

export interface DynamoTableOptions {
  /** From 0 to 1. */
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** Errors of the connection and throttling are tried again by the client itself, as it was made. */
export function openTable<Key extends object, Index extends string>(
  client: DynamoDBClient,
  name: string,
  layout: TableLayout<Key, Index>,
  { random = Math.random, sleep = setTimeout }: DynamoTableOptions = {},
): DynamoTable<Key, Index> {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const TableName = name;
  const repetition = createRepetition(random, sleep);

  async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw translateDynamoError(error);
    }
  }

  function putOf(Item: Item, condition?: Condition) {
    const expressions = new Expressions();
    return { TableName, Item, ...onlyIf(expressions, condition), ...expressions.parts };
  }

  function deleteOf(Key: Key, condition?: Condition) {
    const expressions = new Expressions();
    return { TableName, Key, ...onlyIf(expressions, condition), ...expressions.parts };
  }

  function updateOf(Key: Key, change: Change, condition?: Condition) {
    const expressions = new Expressions();
    const UpdateExpression = expressions.change(change);
    return { TableName, Key, UpdateExpression, ...onlyIf(expressions, condition), ...expressions.parts };
  }

  function toTransactItem(
    write: Write<Key>,
  ): NonNullable<TransactWriteCommandInput['TransactItems']>[number] {
    switch (write.kind) {
      case 'put':
        return { Put: putOf(write.item, write.condition) };
      case 'delete':
        return { Delete: deleteOf(write.key, write.condition) };
      case 'update':
        return { Update: updateOf(write.key, write.change, write.condition) };
      case 'check': {
        const expressions = new Expressions();
        const ConditionExpression = expressions.condition(write.condition);
        return { ConditionCheck: { TableName, Key: write.key, ConditionExpression, ...expressions.parts } };
      }
    }
  }

  const table: DynamoTable<Key, Index> = {
    name,

    get: (Key, { consistent = false, fields } = {}) =>
      translated(async () => {
        const expressions = new Expressions();
        const { Item } = await documents.send(
          new GetCommand({
            TableName,
            Key,
            ConsistentRead: consistent,
            ...(fields !== undefined && { ProjectionExpression: expressions.projection(fields) }),
            ...expressions.names,
          }),
        );
        return Item ?? null;
      }),

    getMany: (keys, { consistent = false, fields } = {}) =>
      translated(async () => {
        const found: Item[] = [];
        // A key that is named twice is an error of its own.
        const distinct = [
          ...new Map(keys.map((key) => [layout.key.map((part) => key[part]).join('\n'), key])).values(),
        ];
        const read = async (some: Key[]): Promise<Key[]> => {
          const expressions = new Expressions();
          const projection =
            fields === undefined ? {} : { ProjectionExpression: expressions.projection(fields) };
          const { Responses, UnprocessedKeys } = await documents.send(
            new BatchGetCommand({
              RequestItems: {
                [name]: {
                  Keys: some.map((key) => Object.fromEntries(layout.key.map((part) => [part, key[part]]))),
                  ConsistentRead: consistent,
                  ...projection,
                  ...expressions.names,
                },
              },
            }),
          );
          found.push(...(Responses?.[name] ?? []));
          return (UnprocessedKeys?.[name]?.Keys ?? []) as Key[];
        };
        await Promise.all(
          chunksOf(distinct, KEYS_A_GET).map((chunk) => repetition.untilProcessed(chunk, read)),
        );
        return found;
      }),

    query: (request) =>
      translated(async () => {
        const { index, descending = false, consistent = false, limit, after, filter, fields } = request;
        const expressions = new Expressions();
        const onPartition: Condition = {
          kind: 'compare',
          name: index === undefined ? layout.key[0] : layout.indexes[index],
          by: '=',
          value: request.partition,
        };
        const key = request.sort === undefined ? onPartition : all(onPartition, request.sort);
        const KeyConditionExpression = expressions.condition(key);
        const { Items, LastEvaluatedKey } = await documents.send(
          new QueryCommand({
            TableName,
            ...(index !== undefined && { IndexName: index }),
            KeyConditionExpression,
            ...(filter !== undefined && { FilterExpression: expressions.condition(filter) }),
            ...(fields !== undefined && { ProjectionExpression: expressions.projection(fields) }),
            ScanIndexForward: !descending,
            ConsistentRead: consistent,
            ...(limit !== undefined && { Limit: limit }),
            ...(after !== undefined && { ExclusiveStartKey: after }),
            ...expressions.parts,
          }),
        );
        return { items: Items ?? [], last: LastEvaluatedKey };
      }),

    async *queryAll(request) {
      let after = request.after;
      do {
        const page = await table.query({ ...request, after });
        yield* page.items;
        after = page.last;
      } while (after !== undefined);
    },

    put: (item, condition) =>
      translated(async () => {
        await documents.send(new PutCommand(putOf(item, condition)));
      }),

    update: (key, change, condition) =>
      translated(async () => {
        const input = updateOf(key, change, condition);
        const { Attributes } = await documents.send(new UpdateCommand({ ...input, ReturnValues: 'ALL_NEW' }));
        return Attributes ?? {};
      }),

    delete: (key, condition) =>
      translated(async () => {
        const input = deleteOf(key, condition);
        const { Attributes } = await documents.send(new DeleteCommand({ ...input, ReturnValues: 'ALL_OLD' }));
        return Attributes ?? null;
      }),

    transact: (writes) =>
      translated(async () => {
        const command = new TransactWriteCommand({ TransactItems: writes.map(toTransactItem) });
        await repetition.untilNoConflict(() => documents.send(command));
      }),

    writeMany: (writes) =>
      translated(async () => {
        const requests = writes.map((write) =>
          'put' in write ? { PutRequest: { Item: write.put } } : { DeleteRequest: { Key: write.delete } },
        );
        for (const chunk of chunksOf(requests, WRITES_A_REQUEST)) {
          await repetition.untilProcessed(chunk, async (some) => {
            const { UnprocessedItems } = await documents.send(
              new BatchWriteCommand({ RequestItems: { [name]: some } }),
            );
            return (UnprocessedItems?.[name] ?? []) as typeof some;
          });
        }
      }),
  };
  return table;
}

/** To be spread into a request, before the expressions' parts are. */
const onlyIf = (expressions: Expressions, condition: Condition | undefined) =>
  condition === undefined ? {} : { ConditionExpression: expressions.condition(condition) };

/** The single table of all records. */
export const openDynamoTable = (
  client: DynamoDBClient,
  name: string,
  options: DynamoTableOptions = {},
): DynamoTable => openTable(client, name, SINGLE_TABLE, options);
