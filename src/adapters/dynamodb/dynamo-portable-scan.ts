import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { throwIfAborted } from '../../domain/abort.ts';
import type { PortableKind } from '../../domain/portable-record.ts';
import { translateDynamoError } from './dynamo-error.ts';
import type { Item } from './dynamo-table.ts';
import { any, begins, equal, Expressions } from './expression.ts';
import { text } from './item-fields.ts';

/** Of the items that hold a record: what their keys look like. */
const PLACES: readonly {
  readonly kind: Exclude<PortableKind, 'stream'>;
  readonly partition: RegExp;
  readonly sort: string;
}[] = [
  { kind: 'user', partition: /^(?:USER|user)#/, sort: 'PROFILE' },
  { kind: 'session', partition: /^SESSION#/, sort: 'SESSION' },
  { kind: 'api_key', partition: /^APIKEY#/, sort: 'APIKEY' },
  { kind: 'playback_link', partition: /^LINK#/, sort: 'LINK' },
  { kind: 'setting', partition: /^SETTING#/, sort: 'VALUE' },
  { kind: 'retired_object', partition: /^RETIRED#/, sort: 'OBJECT' },
  { kind: 'audio_file', partition: /^(?:TENANT#[^#]+#)?AUDIO#/, sort: 'METADATA' },
];
const POSITION = { partition: /^(?:TENANT#[^#]+#)?POSITION#/, sortPrefix: 'USER#' };

/** The kind of record that an item holds; null for what leads to one, and for what is none. */
export function kindOfItem(item: Item): Exclude<PortableKind, 'stream'> | null {
  const [partition, sort] = [text(item, 'PK'), text(item, 'SK')];
  if (sort.startsWith(POSITION.sortPrefix)) return POSITION.partition.test(partition) ? 'position' : null;
  return PLACES.find((place) => place.sort === sort && place.partition.test(partition))?.kind ?? null;
}

/**
 * The whole table, a megabyte a request, of which the items come that hold records. A server never asks like
 * this (docs/decisions/0019).
 */
export async function* scanRecordItems(
  client: DynamoDBClient,
  tableName: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Item[]> {
  const documents = DynamoDBDocumentClient.from(client);
  const sorts = PLACES.map(({ sort }) => equal('SK', sort));
  let after: Item | undefined;
  do {
    throwIfAborted(signal);
    const expressions = new Expressions();
    const FilterExpression = expressions.condition(any(...sorts, begins('SK', POSITION.sortPrefix)));
    try {
      const { Items = [], LastEvaluatedKey } = await documents.send(
        new ScanCommand({
          TableName: tableName,
          ConsistentRead: true,
          FilterExpression,
          ...(after !== undefined && { ExclusiveStartKey: after }),
          ...expressions.parts,
        }),
      );
      after = LastEvaluatedKey;
      if (Items.length > 0) yield Items;
    } catch (error) {
      throw translateDynamoError(error);
    }
  } while (after !== undefined);
}
