import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import { isArgon2idHash } from '../../domain/password-hash.ts';
import type { OldRecord, OldRecords, OldUser } from '../../domain/old-records.ts';
import { ConditionFailed, translateDynamoError } from './dynamo-error.ts';
import { openDynamoTable, type Item, type ItemKey, type Write } from './dynamo-table.ts';
import { absent, all, any, begins, equal, Expressions, type Condition } from './expression.ts';
import { optionalNumber, optionalText, text } from './item-fields.ts';
import { fitsKey, itemKey, keyOf } from './keys.ts';
import { fromItem, keyOfId, keyOfName, keyOfProfile, unchanged, type SealAttributes } from './user-item.ts';

/** Of the service, and of its migration script. */
const USER_PREFIXES = ['user#', 'USER#'] as const;
const AUDIO_PREFIX = 'AUDIO#';
const STREAM_PREFIX = 'STREAM#';
/** Before the key of a user who was set aside: no store looks there. */
const ASIDE_PREFIX = 'SUPERSEDED#';

// Only this program writes revisions.
const OLD_USERS = all(absent('revision'), equal('SK', 'PROFILE'), anyPrefix(USER_PREFIXES));
const OLD_ITEMS = any(
  OLD_USERS,
  all(absent('revision'), equal('SK', 'METADATA'), begins('PK', AUDIO_PREFIX)),
  all(absent('revision'), equal('SK', 'DEFINITION'), begins('PK', STREAM_PREFIX)),
);

/** All that is read of a user; of others nothing but the key, for a transcript may be as long as an item. */
const FIELDS = [
  ...['PK', 'SK', 'tenant_id', 'user_id', 'username', 'email', 'hashed_password', 'is_active', 'is_admin'],
  ...['created_at', 'updated_at'],
];

/**
 * The one place where a table is scanned, page by page: old items have no keys in any index. A page costs as much as a
 * megabyte of items, whatever is found in it.
 */
export function openDynamoOldItems(
  client: DynamoDBClient,
  tableName: string,
  { seal = async () => ({}) }: { readonly seal?: SealAttributes } = {},
): OldRecords {
  const table = openDynamoTable(client, tableName);
  const documents = DynamoDBDocumentClient.from(client);

  async function* scan(filter: Condition): AsyncGenerator<Item[], void, undefined> {
    let after: Record<string, unknown> | undefined;
    do {
      const expressions = new Expressions();
      const request = {
        TableName: tableName,
        FilterExpression: expressions.condition(filter),
        ProjectionExpression: expressions.projection(FIELDS),
        ConsistentRead: true,
        ...(after !== undefined && { ExclusiveStartKey: after }),
        ...expressions.parts,
      };
      const page = await documents.send(new ScanCommand(request)).catch((error: unknown) => {
        throw translateScanError(error, tableName);
      });
      yield page.Items ?? [];
      after = page.LastEvaluatedKey;
    } while (after !== undefined);
  }

  return {
    async *list(signal) {
      for await (const items of scan(OLD_ITEMS)) {
        throwIfAborted(signal);
        yield items.map(toOldRecord);
      }
    },

    async hasUsers() {
      for await (const items of scan(OLD_USERS)) if (items.length > 0) return true;
      return false;
    },

    async isNameSaved(username) {
      const key = keyOfName(username);
      const item = fitsKey(key.PK) ? await table.get(key, { consistent: true, fields: ['revision'] }) : null;
      return item?.['revision'] !== undefined;
    },

    async readTranscript({ place }) {
      const item = await table.get(recordKey(place), { consistent: true, fields: ['transcript'] });
      return item === null ? null : (optionalText(item, 'transcript') ?? null);
    },

    async replaceTranscript({ place }, transcript, { key, excerpt }) {
      const set = { transcript_key: key, transcript_excerpt: excerpt, has_transcript: true };
      try {
        await table.update(
          recordKey(place),
          { set, remove: ['transcript'] },
          equal('transcript', transcript),
        );
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        // The client sends a write again whose answer was lost.
        const there = await table.get(recordKey(place), { consistent: true, fields: ['transcript_key'] });
        if (there?.['transcript_key'] !== key) {
          throw new AppError('conflict', 'The transcript was changed in the meantime.', { cause: error });
        }
      }
    },

    async setAside({ place, changedAtMs }) {
      const target = itemKey(`${ASIDE_PREFIX}${place}`, String(changedAtMs));
      const item = await table.get(keyOfProfile(place), { consistent: true });
      if (item === null && (await table.get(target, { consistent: true })) !== null) return target.PK;
      if (item === null || optionalNumber(item, 'revision') !== undefined) throw changed();
      const leading = keyOfId(String(optionalNumber(item, 'user_id') ?? ''));
      const leadsHere = (await table.get(leading, { consistent: true }))?.['user_pk'] === place;
      const writes: Write[] = [
        { kind: 'delete', key: keyOf(item), condition: unchanged(item) },
        { kind: 'put', item: { ...item, ...(await seal(item)), ...target } },
        ...(leadsHere ? [{ kind: 'delete' as const, key: leading, condition: equal('user_pk', place) }] : []),
      ];
      try {
        await table.transact(writes);
      } catch (error) {
        if (error instanceof ConditionFailed) throw changed();
        throw error;
      }
      return target.PK;
    },
  };
}

const recordKey = (place: string): ItemKey => itemKey(place, 'METADATA');

const changed = (): AppError => new AppError('conflict', 'The user was changed in the meantime.');

function anyPrefix(prefixes: readonly string[]): Condition {
  return any(...prefixes.map((prefix) => begins('PK', prefix)));
}

function translateScanError(error: unknown, tableName: string): Error {
  if (!(error instanceof Error) || error.name !== 'AccessDeniedException') return translateDynamoError(error);
  const message =
    `To find what older deployments left, the whole table "${tableName}" is read: ` +
    'allow these credentials dynamodb:Scan on it.';
  return new AppError('storage_unavailable', message, { cause: error });
}

function toOldRecord(item: Item): OldRecord | OldUser {
  const place = text(item, 'PK');
  if (place.startsWith(AUDIO_PREFIX)) {
    return { kind: 'audio_file', name: place.slice(AUDIO_PREFIX.length), place };
  }
  if (place.startsWith(STREAM_PREFIX)) {
    return { kind: 'stream', name: place.slice(STREAM_PREFIX.length), place };
  }
  return toOldUser(item, place);
}

function toOldUser(item: Item, place: string): OldUser {
  const name = place.slice(USER_PREFIXES[0].length);
  const old = { kind: 'user', name, place, isOfService: place.startsWith(USER_PREFIXES[0]) } as const;
  try {
    const { username, updatedAtMs, passwordHash } = fromItem(item);
    return { ...old, username, changedAtMs: updatedAtMs, hasKnownHash: isArgon2idHash(passwordHash) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...old, username: name, changedAtMs: 0, hasKnownHash: false, damage: error.message };
  }
}
