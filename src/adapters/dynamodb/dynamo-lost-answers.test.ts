import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbKind, makeDynamoClient } from '../../../test/servers/dynamodb-client.ts';
import { loseAnswers, type LostAnswers } from '../../../test/servers/lost-answers.ts';
import { newUser, START_MS } from '../../../test/sample-records.ts';
import { openDynamoApiKeyStore } from './dynamo-api-key-store.ts';
import { openDynamoIdempotencyStore } from './dynamo-idempotency-store.ts';
import { openDynamoPlaybackLinkStore } from './dynamo-playback-link-store.ts';
import { openDynamoSessionStore } from './dynamo-session-store.ts';
import { openDynamoSettingStore } from './dynamo-setting-store.ts';
import { openDynamoTable } from './dynamo-table.ts';
import { openDynamoUserStore } from './dynamo-user-store.ts';
import { createTable, deleteTable } from './table-definition.ts';

const client = makeDynamoClient();
const table = openDynamoTable(client, `earshot-test-lost-${process.pid}`);
const clock = () => START_MS;
const times = { createdAtMs: START_MS, expiresAtMs: START_MS + 1000 };
let lost: LostAnswers;

beforeAll(async () => {
  await createTable(client, table.name, { hasTimeToLive: dynamoDbKind !== 'dynalite' });
  lost = loseAnswers(client);
});
afterAll(async () => {
  lost.stop();
  await deleteTable(client, table.name);
  client.destroy();
});

describe.skipIf(dynamoDbKind === 'dynalite')('a write whose answer is lost', () => {
  it('is done once, and does not fail by itself', async () => {
    const users = openDynamoUserStore(table);
    const anna = await users.create(newUser('anna', { isAdmin: true }));
    const saved = await users.save({ ...anna, passwordHash: 'other' }, 1);
    const renamed = await users.save({ ...saved, username: 'Clara' }, 2);
    expect(await users.findById(anna.id)).toEqual(renamed);
    const ben = await users.create(newUser('ben'));
    await users.delete(ben.id);
    expect(await users.count()).toBe(1);

    const sessions = openDynamoSessionStore(table, clock);
    await sessions.create({ id: '1', tokenHash: 'h', userId: anna.id, ...times });
    expect(await sessions.deleteByUser(anna.id)).toEqual(['1']);
    const apiKeys = openDynamoApiKeyStore(table, clock);
    await apiKeys.create({ id: '1', keyHash: 'h', userId: anna.id, name: '', scopes: [], ...times });
    expect(await apiKeys.delete(anna.id, '1')).toBe(true);
    const links = openDynamoPlaybackLinkStore(table, clock);
    const target = { kind: 'file', tenantId: 'default', name: 'a' } as const;
    await links.create({ ...target, id: '1', createdBy: anna.id, ...times });
    expect(await links.delete(target, '1')).toBe(true);

    const idempotency = openDynamoIdempotencyStore(table, clock);
    const record = { key: 'k', fingerprint: 'f', expiresAtMs: START_MS + 1000 };
    expect(await idempotency.begin(record)).toBeNull();
    expect(await idempotency.begin(record)).toEqual(record);
    const settings = openDynamoSettingStore(table);
    expect(await settings.ensure('a', '1')).toBe('1');
    expect(lost.count()).toBeGreaterThanOrEqual(12);
  });
});
