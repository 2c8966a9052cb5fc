import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import type { PortableKind } from '../../domain/portable-record.ts';
import { translateDynamoError } from './dynamo-error.ts';
import type { Item } from './dynamo-table.ts';
import { absent, all, any, begins, equal, Expressions } from './expression.ts';
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

/** Definitions of streams are read through their own store, which lists them by this. */
const OLD_STREAM = all(equal('SK', 'DEFINITION'), absent('GSI1PK'));

/**
 * The whole table, a megabyte a request, of which the items come that hold records. A server never asks like
 * this (docs/decisions/0019).
 *
 * @throws conflict for a stream of an older deployment, which no list knows and which would be left behind
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
    const FilterExpression = expressions.condition(
      any(...sorts, begins('SK', POSITION.sortPrefix), OLD_STREAM),
    );
    let found: Item[];
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
      found = Items;
    } catch (error) {
      throw translateDynamoError(error);
    }
    if (found.some(({ SK }) => SK === 'DEFINITION')) throw hasOldStreams();
    if (found.length > 0) yield found;
  } while (after !== undefined);
}

const hasOldStreams = (): AppError =>
  new AppError(
    'conflict',
    'The table holds streams that an older program wrote, and that no list knows yet. First run: npx earshot migrate',
  );
