import type { Clock } from '../../domain/clock.ts';
import {
  inEventOrder,
  SUBSCRIPTION_LIFETIME_MS,
  type Subscription,
  type SubscriptionStore,
} from '../../domain/subscription.ts';
import type { Database, Parameters, Row } from './database.ts';
import { createGroupCommit } from './group-commit.ts';
import { placeByText, toPage } from './page-place.ts';
import { number, text } from './row.ts';

const IS_ALIVE = 'created_at_ms > :gone_since';

/** Many are made and deleted in the same moment: their writes share a commit. */
export function openSqliteSubscriptionStore(db: Database, clock: Clock): SubscriptionStore {
  const save = db.prepare(
    `INSERT OR REPLACE INTO subscriptions (connection_id, request_id, event_types_json, created_at_ms)
     VALUES (:connection_id, :request_id, :event_types_json, :created_at_ms)`,
  );
  const remove = db.prepare(
    'DELETE FROM subscriptions WHERE connection_id = :connection_id AND request_id = :request_id',
  );
  const listByConnection = db.prepare(
    `SELECT * FROM subscriptions WHERE connection_id = :connection_id AND request_id > :after AND ${IS_ALIVE}
     ORDER BY request_id LIMIT :limit`,
  );
  const listByRequest = db.prepare(
    `SELECT * FROM subscriptions WHERE request_id = :request_id AND connection_id > :after AND ${IS_ALIVE}
     ORDER BY connection_id LIMIT :limit`,
  );
  const countByConnection = db.prepare(
    `SELECT count(*) AS alive FROM subscriptions WHERE connection_id = :connection_id AND ${IS_ALIVE}`,
  );
  const removeByConnection = db.prepare('DELETE FROM subscriptions WHERE connection_id = :connection_id');
  const removeExpired = db.prepare(
    `DELETE FROM subscriptions WHERE (connection_id, request_id) IN
      (SELECT connection_id, request_id FROM subscriptions WHERE created_at_ms <= :gone_since
       ORDER BY created_at_ms LIMIT :limit)`,
  );

  const writes = createGroupCommit(db);
  const goneSince = (nowMs = clock()) => ({ gone_since: nowMs - SUBSCRIPTION_LIFETIME_MS });

  return {
    async subscribe(subscription) {
      await writes.run(() => save.run(toSubscriptionRow(subscription)));
    },

    async unsubscribe(connectionId, requestId) {
      await writes.run(() => remove.run({ connection_id: connectionId, request_id: requestId }));
    },

    async listByConnection(connectionId, page) {
      const place = { after: placeByText(page), limit: page.limit + 1 };
      const rows = listByConnection.all({ connection_id: connectionId, ...place, ...goneSince() });
      return toPage(rows, page.limit, ['request_id'], fromSubscriptionRow);
    },

    async listByRequest(requestId, page) {
      const place = { after: placeByText(page), limit: page.limit + 1 };
      const rows = listByRequest.all({ request_id: requestId, ...place, ...goneSince() });
      return toPage(rows, page.limit, ['connection_id'], fromSubscriptionRow);
    },

    deleteByConnection: (connectionId) =>
      writes.run(() => {
        const of = { connection_id: connectionId };
        const alive = number(countByConnection.get({ ...of, ...goneSince() }), 'alive');
        removeByConnection.run(of);
        return alive;
      }),

    deleteExpired: (nowMs, limit) => writes.run(() => removeExpired.run({ ...goneSince(nowMs), limit })),
  };
}

const toSubscriptionRow = (subscription: Subscription): Parameters => ({
  connection_id: subscription.connectionId,
  request_id: subscription.requestId,
  event_types_json: JSON.stringify(inEventOrder(subscription.eventTypes)),
  created_at_ms: subscription.createdAtMs,
});

const fromSubscriptionRow = (row: Row): Subscription => ({
  connectionId: text(row, 'connection_id'),
  requestId: text(row, 'request_id'),
  eventTypes: inEventOrder(JSON.parse(text(row, 'event_types_json')) as string[]),
  createdAtMs: number(row, 'created_at_ms'),
});
