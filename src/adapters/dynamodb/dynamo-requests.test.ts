import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbKind, makeDynamoClient } from '../../../test/servers/dynamodb-client.ts';
import { newUser, START_MS } from '../../../test/sample-records.ts';
import type { PlaybackTarget } from '../../domain/credentials.ts';
import { openDynamoApiKeyStore } from './dynamo-api-key-store.ts';
import { openDynamoIdempotencyStore } from './dynamo-idempotency-store.ts';
import { openDynamoPlaybackLinkStore } from './dynamo-playback-link-store.ts';
import { openDynamoPositionStore } from './dynamo-position-store.ts';
import { openDynamoRetiredObjectStore } from './dynamo-retired-object-store.ts';
import { openDynamoSessionStore } from './dynamo-session-store.ts';
import { openDynamoSettingStore } from './dynamo-setting-store.ts';
import { openDynamoTable } from './dynamo-table.ts';
import { openDynamoUserStore } from './dynamo-user-store.ts';
import { createTable, deleteTable } from './table-definition.ts';

const client = makeDynamoClient();
const table = openDynamoTable(client, `earshot-test-requests-${process.pid}`);
const clock = () => START_MS;
const users = openDynamoUserStore(table);
const sessions = openDynamoSessionStore(table, clock);
const apiKeys = openDynamoApiKeyStore(table, clock);
const links = openDynamoPlaybackLinkStore(table, clock);
const positions = openDynamoPositionStore(table);
const settings = openDynamoSettingStore(table);
const idempotency = openDynamoIdempotencyStore(table, clock);
const retired = openDynamoRetiredObjectStore(table);

/** By their names, each attempt for itself. */
let sent: string[] = [];

beforeAll(async () => {
  await createTable(client, table.name, { hasTimeToLive: dynamoDbKind !== 'dynalite' });
  client.middlewareStack.add(
    (next, context) => (request) => {
      sent.push(String(context.commandName).replace(/Command$/, ''));
      return next(request);
    },
    { step: 'finalizeRequest', name: 'countRequests' },
  );
});
afterAll(async () => {
  await deleteTable(client, table.name);
  client.destroy();
});

async function requestsOf(work: () => Promise<unknown>): Promise<string[]> {
  sent = [];
  await work();
  return sent;
}

const MANY = 150;
const numbers = Array.from({ length: MANY }, (_, number) => number);
const session = (id: string, userId = 'anna') => ({
  id,
  tokenHash: `hash-${id}`,
  userId,
  createdAtMs: START_MS,
  expiresAtMs: START_MS + 1000,
});
const apiKey = (id: string, userId = 'anna') => ({
  id,
  userId,
  name: id,
  keyHash: `hash-${id}`,
  scopes: [],
  createdAtMs: START_MS,
});
const TARGET: PlaybackTarget = { kind: 'file', tenantId: 'default', name: 'a.mp3' };
const link = (id: string) => ({ ...TARGET, id, createdBy: 'anna', createdAtMs: START_MS });

describe.skipIf(dynamoDbKind === 'dynalite')('requests to DynamoDB', () => {
  it('are few for a user', async () => {
    const anna = await users.create(newUser('anna', { isAdmin: true }));
    await table.put({
      PK: 'user#old',
      SK: 'PROFILE',
      user_id: 5,
      username: 'Old',
      hashed_password: 'x',
      is_active: true,
    });
    expect(await requestsOf(() => users.findByName('anna'))).toEqual(['BatchGetItem']);
    expect(await requestsOf(() => users.findByName('nobody'))).toEqual(['BatchGetItem']);
    expect(await requestsOf(() => users.findByName('old'))).toEqual(['BatchGetItem', 'PutItem']);
    expect(await requestsOf(() => users.findById(anna.id))).toEqual(['GetItem', 'GetItem']);
    expect(await requestsOf(() => users.create(newUser('ben', { createdAtMs: START_MS + 1 })))).toEqual([
      'BatchGetItem',
      'TransactWriteItems',
    ]);
    const change = () => users.save({ ...anna, passwordHash: 'other' }, 1);
    expect(await requestsOf(change)).toEqual(['GetItem', 'GetItem', 'UpdateItem']);
    expect(await requestsOf(() => users.list('default', { limit: 100 }))).toEqual(['Query']);
    expect(await requestsOf(() => users.count())).toEqual(['Query']);
    expect(await requestsOf(() => users.findNextTenant(null))).toEqual(['Query']);
  });

  it('are few for a login, and one to look its session up', async () => {
    const logIn = async () => {
      await users.findByName('anna');
      await sessions.create(session('1'));
    };
    expect(await requestsOf(logIn)).toEqual(['BatchGetItem', 'TransactWriteItems']);
    expect(await requestsOf(() => sessions.findByTokenHash('hash-1'))).toEqual(['GetItem']);
    expect(await requestsOf(() => sessions.delete('1'))).toEqual(['GetItem', 'TransactWriteItems']);
    for (const number of numbers) await sessions.create(session(`m${number}`, 'busy'));
    // 33 sessions of three items are ended at once.
    const ending = await requestsOf(async () => {
      expect(await sessions.deleteByUser('busy', 'm7')).toHaveLength(MANY - 1);
    });
    expect(ending).toEqual(['Query', ...Array.from({ length: 5 }, () => 'TransactWriteItems')]);
    expect(await sessions.findByTokenHash('hash-m149')).toBeNull();
    expect(await sessions.findByTokenHash('hash-m7')).not.toBeNull();
  });

  it('are few for keys and links, however many there are', async () => {
    await Promise.all(numbers.map((number) => apiKeys.create(apiKey(`k${number}`))));
    await Promise.all(numbers.map((number) => links.create(link(`l${number}`))));
    expect(await requestsOf(() => apiKeys.findByHash('hash-k1'))).toEqual(['GetItem']);
    expect(await requestsOf(() => apiKeys.listByUser('anna', { limit: 100 }))).toEqual(['Query']);
    expect(await requestsOf(() => apiKeys.delete('anna', 'k1'))).toEqual(['GetItem', 'TransactWriteItems']);
    expect(await requestsOf(() => links.find('l1'))).toEqual(['GetItem']);
    expect(await requestsOf(() => links.listByTarget(TARGET, { limit: 100 }))).toEqual(['Query']);
    expect(await requestsOf(() => links.delete(TARGET, 'l1'))).toEqual(['GetItem', 'TransactWriteItems']);
    const batches = Array.from({ length: 3 }, () => 'TransactWriteItems');
    expect(await requestsOf(() => apiKeys.deleteByUser('anna'))).toEqual(['Query', ...batches]);
    expect(await requestsOf(() => links.deleteByTarget(TARGET))).toEqual(['Query', ...batches]);
    expect(await links.find('l149')).toBeNull();
    expect(await apiKeys.findByHash('hash-k149')).toBeNull();
  });

  it('are single for the rest', async () => {
    const target = { ...TARGET, userId: 'anna' };
    const position = { positionMs: 1, updatedAtMs: START_MS };
    expect(await requestsOf(() => positions.save(target, position))).toEqual(['PutItem']);
    expect(await requestsOf(() => positions.find(target))).toEqual(['GetItem']);
    expect(await requestsOf(() => positions.deleteByName(TARGET))).toEqual(['Query', 'BatchWriteItem']);
    expect(await requestsOf(() => positions.deleteByUser('anna'))).toEqual(['Query']);
    expect(await requestsOf(() => settings.ensure('a', '1'))).toEqual(['GetItem', 'PutItem']);
    expect(await requestsOf(() => settings.ensure('a', '2'))).toEqual(['GetItem']);
    const record = { key: 'k', fingerprint: 'f', expiresAtMs: START_MS + 1000 };
    expect(await requestsOf(() => idempotency.begin(record))).toEqual(['PutItem']);
    expect(await requestsOf(() => idempotency.begin(record))).toEqual(['PutItem', 'GetItem']);
    const response = { status: 200, headers: {}, body: '' };
    expect(await requestsOf(() => idempotency.finish('k', response, START_MS + 1000))).toEqual([
      'UpdateItem',
    ]);
    expect(await requestsOf(() => idempotency.release('k'))).toEqual(['DeleteItem']);
    expect(await requestsOf(() => retired.add({ key: 'o', sweepAtMs: 1 }))).toEqual(['PutItem']);
    expect(await requestsOf(() => retired.listDue(2, 100))).toEqual(['Query', 'BatchGetItem']);
    expect(await requestsOf(() => retired.remove('o'))).toEqual(['DeleteItem']);
  });
});
