import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, it } from 'vitest';
import { connection } from '../../test/contracts/connection-store.contract.ts';
import { newRequest } from '../../test/contracts/request-queue-harness.ts';
import { subscription } from '../../test/contracts/subscription-store.contract.ts';
import { openConnectionStore, openRequestQueue, openSubscriptionStore } from './storage.ts';

const LONG = 'x'.repeat(501);
const LONE_SURROGATE = '\ud800';

describe('earshot/storage', () => {
  // Nothing listens there: what is refused is refused before anything is asked.
  const client = new DynamoDBClient({
    endpoint: 'http://127.0.0.1:9',
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  afterAll(() => client.destroy());

  it.each([
    ['connectionId', { connectionId: '' }],
    ['connectionId', { connectionId: 'a#b' }],
    ['connectionId', { connectionId: LONG }],
    ['connectionId', { connectionId: LONE_SURROGATE }],
    ['userId', { userId: '' }],
    ['tenantId', { tenantId: LONG }],
    ['endpoint', { endpoint: 'x'.repeat(64 * 1024 + 1) }],
    ['connectedAtMs', { connectedAtMs: 1.5 }],
    ['lastPingMs', { lastPingMs: Number.NaN }],
    ['lastPingMs', { lastPingMs: Date.UTC(10_000, 0, 1) }],
    ['metadata', { metadata: { user_agent: 'ä'.repeat(32 * 1024) } }],
  ])('names the field of a connection that no table holds: %s', async (field, change) => {
    await expect(openConnectionStore(client).save(connection('1', change))).rejects.toMatchObject({
      name: 'ValidationError',
      code: 'invalid_input',
      field,
    });
  });

  it('names the date of a last ping', async () => {
    const pinged = openConnectionStore(client).updateLastPing('1', -1);
    await expect(pinged).rejects.toMatchObject({ field: 'lastPingMs' });
  });

  it.each([
    ['connectionId', { connectionId: 'a#b' }],
    ['requestId', { requestId: '' }],
    ['requestId', { requestId: LONG }],
    ['eventTypes', { eventTypes: [] }],
    ['createdAtMs', { createdAtMs: Infinity }],
  ])('names the field of a subscription that no table holds: %s', async (field, change) => {
    const subscribed = openSubscriptionStore(client).subscribe(subscription('1', 'r1', change));
    await expect(subscribed).rejects.toMatchObject({ name: 'ValidationError', field });
  });

  it.each(['action', 'userId', 'tenantId', 'connectionId'])(
    'names the field of a request that no table holds: %s',
    async (field) => {
      const enqueued = openRequestQueue(client).enqueue(newRequest('r1', { [field]: LONG }));
      await expect(enqueued).rejects.toMatchObject({ name: 'ValidationError', field });
    },
  );

  it('asks for what can be held, and says when DynamoDB does not answer', async () => {
    const saved = openConnectionStore(client).save(
      connection('x'.repeat(500), { metadata: { user_agent: 'x'.repeat(64 * 1024 - 10) } }),
    );
    await expect(saved).rejects.toMatchObject({ code: 'storage_unavailable' });
    const subscribed = openSubscriptionStore(client).subscribe(subscription('1', 'x'.repeat(500)));
    await expect(subscribed).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
