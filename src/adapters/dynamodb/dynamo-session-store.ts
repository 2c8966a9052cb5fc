import type { Clock } from '../../domain/clock.ts';
import type { Session, SessionStore } from '../../domain/credentials.ts';
import type { DynamoTable, Item, ItemKey } from './dynamo-table.ts';
import { expiring, isAlive, listExpired, sweptAs } from './expiry.ts';
import { dateMs, isoDate, number, text } from './item-fields.ts';
import { createGroup, deleteGroups } from './item-groups.ts';
import { fitsKey, itemKey } from './keys.ts';

const KIND = 'SESSION';
/** DynamoDB deletes no session before the sweep, which deletes what goes with it first, had its time. */
const SWEEP_GRACE_MS = 24 * 3_600_000;

/**
 * `SESSION#{token hash}` / `SESSION`, by its expiry in GSI2; `SESSIONID#{id}` / `SESSION` and
 * `SESSIONS#{user}` / `{id}`, which lead to it.
 *
 * Three items, made and deleted in one transaction, and no index: an index is late, and a session that somebody ends
 * by its id or its user right after it began must end.
 */
export function openDynamoSessionStore(table: DynamoTable, clock: Clock): SessionStore {
  const keysOf = (item: Item): ItemKey[] => {
    const id = text(item, 'session_id');
    return [
      sessionKeyOfToken(text(item, 'token_hash')),
      sessionKeyOfId(id),
      itemKey(partitionOfUser(text(item, 'user_id')), id),
    ];
  };

  return {
    async findByTokenHash(tokenHash) {
      if (!fitsKey(tokenHash)) return null;
      const item = await table.get(sessionKeyOfToken(tokenHash), { consistent: true });
      return item === null || !isAlive(item, clock) ? null : fromSessionItem(item);
    },

    async create(session) {
      const names = { session_id: session.id, token_hash: session.tokenHash, user_id: session.userId };
      const times = expiring(session.expiresAtMs, SWEEP_GRACE_MS);
      const [byToken, ...leading] = keysOf(names);
      const item = {
        ...byToken,
        ...sweptAs(KIND, session.expiresAtMs, session.id),
        ...names,
        ...times,
        created_at: isoDate(session.createdAtMs),
      };
      const items = [item, ...leading.map((key) => ({ ...key, ...names, ...times }))];
      await createGroup(table, items, 'There is already such a session.');
    },

    async delete(id) {
      const item = fitsKey(id) ? await table.get(sessionKeyOfId(id), { consistent: true }) : null;
      if (item !== null) await deleteGroups(table, [keysOf(item)]);
    },

    async deleteByUser(userId, exceptId) {
      const ended: Item[] = [];
      for await (const item of table.queryAll({ partition: partitionOfUser(userId), consistent: true })) {
        if (text(item, 'session_id') !== exceptId) ended.push(item);
      }
      await deleteGroups(table, ended.map(keysOf));
      return ended.map((item) => text(item, 'session_id'));
    },

    async listExpired(nowMs, limit) {
      return (await listExpired(table, KIND, nowMs, limit)).map(fromSessionItem);
    },
  };
}

export const sessionKeyOfToken = (tokenHash: string): ItemKey => itemKey(`SESSION#${tokenHash}`, 'SESSION');
export const sessionKeyOfId = (id: string): ItemKey => itemKey(`SESSIONID#${id}`, 'SESSION');
const partitionOfUser = (userId: string): string => `SESSIONS#${userId}`;

export function fromSessionItem(item: Item): Session {
  return {
    id: text(item, 'session_id'),
    tokenHash: text(item, 'token_hash'),
    userId: text(item, 'user_id'),
    createdAtMs: dateMs(item, 'created_at'),
    expiresAtMs: number(item, 'expires_at_ms'),
  };
}
