import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connection } from '../../../test/contracts/connection-store.contract.ts';
import { subscription } from '../../../test/contracts/subscription-store.contract.ts';
import {
  makeConnectionTable,
  makeDynamoClient,
  makeSubscriptionTable,
} from '../../../test/servers/dynamodb-client.ts';
import { loseAnswers } from '../../../test/servers/lost-answers.ts';
import { START_MS } from '../../../test/sample-records.ts';
import { openConnectionTable } from './connection-table.ts';
import { openDynamoConnectionStore } from './dynamo-connection-store.ts';
import { openDynamoSubscriptionStore } from './dynamo-subscription-store.ts';
import { openSubscriptionTable } from './subscription-table.ts';

const DAY_MS = 24 * 3_600_000;
const clock = () => START_MS;
const PAGE = { limit: 50 };

describe('connections and subscriptions in DynamoDB', () => {
  const client = makeDynamoClient();
  let tables: {
    readonly connections: Awaited<ReturnType<typeof makeConnectionTable>>;
    readonly subscriptions: Awaited<ReturnType<typeof makeSubscriptionTable>>;
  };
  let sent: string[] = [];
  const open = () => ({
    connections: openDynamoConnectionStore(openConnectionTable(client, tables.connections.table.name), clock),
    subscriptions: openDynamoSubscriptionStore(
      openSubscriptionTable(client, tables.subscriptions.table.name),
      clock,
    ),
  });
  const requestsOf = async (work: () => Promise<unknown>) => {
    sent = [];
    await work();
    return sent;
  };

  beforeAll(async () => {
    tables = { connections: await makeConnectionTable(), subscriptions: await makeSubscriptionTable() };
    client.middlewareStack.add(
      (next, context) => (request) => {
        sent.push(String(context.commandName).replace(/Command$/, ''));
        return next(request);
      },
      { step: 'finalizeRequest', name: 'countRequests' },
    );
  });
  afterAll(async () => {
    await tables.connections.close();
    await tables.subscriptions.close();
    client.destroy();
  });

  it('writes the attributes that others read, in their form', async () => {
    const { connections, subscriptions } = open();
    await connections.save(connection('form', { metadata: { kind: 'websocket' } }));
    expect(await tables.connections.table.get({ ConnectionID: 'form' })).toEqual({
      ConnectionID: 'form',
      UserID: 'anna',
      TenantID: 'default',
      Endpoint: connection('form').endpoint,
      ConnectedAt: '2026-01-02T03:04:04.678Z',
      LastPing: '2026-01-02T03:04:05.678Z',
      Metadata: { kind: 'websocket' },
      TTL: Math.ceil((START_MS + DAY_MS) / 1000),
    });
    await connections.updateLastPing('form', START_MS + 1000);
    expect(await tables.connections.table.get({ ConnectionID: 'form' })).toMatchObject({
      LastPing: '2026-01-02T03:04:06.678Z',
      TTL: Math.ceil((START_MS + 1000 + DAY_MS) / 1000),
    });
    await subscriptions.subscribe(subscription('form', 'r#1', { eventTypes: ['error', 'progress'] }));
    expect(await tables.subscriptions.table.get({ SubscriptionID: 'form#r#1' })).toEqual({
      SubscriptionID: 'form#r#1',
      ConnectionID: 'form',
      RequestID: 'r#1',
      EventTypes: new Set(['error', 'progress']),
      CreatedAt: '2026-01-02T03:04:05.678Z',
      TTL: Math.ceil((START_MS + DAY_MS) / 1000),
    });
  });

  it('reads what another program wrote, with dates to the second', async () => {
    await tables.connections.table.put({
      ConnectionID: 'foreign',
      UserID: 'carl',
      TenantID: 'default',
      Endpoint: 'https://example.org/live',
      ConnectedAt: '2026-01-02T03:00:00Z',
      LastPing: '2026-01-02T03:04:00+00:00',
      TTL: Math.ceil((START_MS + DAY_MS) / 1000),
    });
    const foreign = connection('foreign', {
      userId: 'carl',
      endpoint: 'https://example.org/live',
      connectedAtMs: Date.UTC(2026, 0, 2, 3),
      lastPingMs: Date.UTC(2026, 0, 2, 3, 4),
    });
    const { connections } = open();
    expect(await connections.find('foreign')).toEqual(foreign);
    expect((await connections.listByUser('carl', PAGE)).items).toEqual([foreign]);
    await connections.updateLastPing('foreign', START_MS);
    expect(await connections.find('foreign')).toEqual({ ...foreign, lastPingMs: START_MS });
  });

  it('costs what the document says', async () => {
    const { connections, subscriptions } = open();
    const ids = Array.from({ length: 130 }, (_, place) => `cost-${place}`);
    for (const id of ids) {
      await connections.save(connection(id, { tenantId: 'cost', userId: 'cost', lastPingMs: START_MS - 1 }));
      await subscriptions.subscribe(subscription('cost', id));
    }
    const costs = {
      save: await requestsOf(() => connections.save(connection('c'))),
      find: await requestsOf(() => connections.find('c')),
      findMany: await requestsOf(() => connections.findMany(ids)),
      ping: await requestsOf(() => connections.updateLastPing('c', START_MS)),
      delete: await requestsOf(() => connections.delete('c')),
      ofUser: await requestsOf(() => connections.listByUser('cost', PAGE)),
      ofTenant: await requestsOf(() => connections.listByTenant('cost', PAGE)),
      subscribe: await requestsOf(() => subscriptions.subscribe(subscription('c', 'r'))),
      ofConnection: await requestsOf(() => subscriptions.listByConnection('cost', PAGE)),
      ofRequest: await requestsOf(() => subscriptions.listByRequest('cost-1', PAGE)),
      unsubscribe: await requestsOf(() => subscriptions.unsubscribe('c', 'r')),
      expired: await requestsOf(() => subscriptions.deleteExpired(START_MS, 100)),
    };
    expect(costs).toEqual({
      save: ['PutItem'],
      find: ['GetItem'],
      findMany: ['BatchGetItem', 'BatchGetItem'],
      ping: ['UpdateItem'],
      delete: ['DeleteItem'],
      ofUser: ['Query'],
      ofTenant: ['Query'],
      subscribe: ['PutItem'],
      ofConnection: ['Query'],
      ofRequest: ['Query'],
      unsubscribe: ['DeleteItem'],
      expired: [],
    });
    const stale = await requestsOf(() => connections.deleteStale('cost', START_MS, 30));
    expect(stale).toEqual(['Query', ...Array.from({ length: 30 }, () => 'DeleteItem')]);
    const all = await requestsOf(() => subscriptions.deleteByConnection('cost'));
    expect(all).toEqual(['Query', ...Array.from({ length: 6 }, () => 'BatchWriteItem')]);
  });

  it('does each step once, also when its first answer is lost', async () => {
    const { connections, subscriptions } = open();
    const lost = loseAnswers(client);
    const lonely = { tenantId: 'lonely', lastPingMs: START_MS - 1 };
    await connections.save(connection('lost', lonely));
    await connections.updateLastPing('lost', START_MS - 2);
    await subscriptions.subscribe(subscription('lost', 'r1'));
    // Whoever sweeps must hear of it, or its subscriptions are left.
    expect(await connections.deleteStale('lonely', START_MS, 10)).toEqual(['lost']);
    expect(await subscriptions.deleteByConnection('lost')).toBe(1);
    lost.stop();
    expect(lost.count()).toBeGreaterThanOrEqual(5);
    expect(await connections.find('lost')).toBeNull();
  });

  it('says that the database does not answer when a table is missing', async () => {
    const absent = openDynamoConnectionStore(openConnectionTable(client, 'earshot-test-absent'), clock);
    await expect(absent.find('1')).rejects.toMatchObject({ code: 'storage_unavailable' });
    const none = openDynamoSubscriptionStore(openSubscriptionTable(client, 'earshot-test-absent'), clock);
    await expect(none.listByRequest('1', PAGE)).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
