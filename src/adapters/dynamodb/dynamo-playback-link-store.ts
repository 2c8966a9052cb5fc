import type { Clock } from '../../domain/clock.ts';
import type { PlaybackLink, PlaybackLinkStore, PlaybackTarget } from '../../domain/credentials.ts';
import type { DynamoTable, Item, ItemKey } from './dynamo-table.ts';
import { aliveAt, expiring, isAlive, listExpired, sweptAs } from './expiry.ts';
import { dateMs, isoDate, optionalNumber, text } from './item-fields.ts';
import { createGroup, deleteGroupOnce, deleteGroupsFound } from './item-groups.ts';
import { fitsKey, itemKey, newestFirst, ofTenant } from './keys.ts';
import { readPage } from './item-page.ts';

const KIND = 'LINK';

/**
 * `LINK#{id}` / `LINK`, by its expiry in GSI2; `LINKS#{kind}#{name}` / `{newest first}#{id}`, the same for lists.
 *
 * Made and deleted together, and no index: when a target goes, all its links must, the one of a moment ago too, or a
 * later target of the same name is opened by it.
 */
export function openDynamoPlaybackLinkStore(table: DynamoTable, clock: Clock): PlaybackLinkStore {
  return {
    async find(id) {
      if (!fitsKey(id)) return null;
      const item = await table.get(linkKeyOfId(id), { consistent: true });
      return item === null || !isAlive(item, clock) ? null : fromLinkItem(item);
    },

    async listByTarget(target, page) {
      const partition = partitionOf(target);
      if (!fitsKey(partition)) return { items: [] };
      return readPage(table, { partition, consistent: true, filter: aliveAt(clock()) }, page, fromLinkItem);
    },

    async create(link) {
      const attributes = { ...toAttributes(link), ...expiring(link.expiresAtMs) };
      const swept = sweptAs(KIND, link.expiresAtMs, link.id);
      const [byId, ofTarget] = keysOf(link);
      const items = [
        { ...byId, ...swept, ...attributes },
        { ...ofTarget, ...attributes },
      ];
      await createGroup(table, items, 'There is already such a playback link.');
    },

    async delete(target, id) {
      const item = fitsKey(id) ? await table.get(linkKeyOfId(id), { consistent: true }) : null;
      if (item === null || !isSame(fromLinkItem(item), target)) return false;
      const [byId, ofTarget] = keysOf(fromLinkItem(item));
      const isDeleted = await deleteGroupOnce(table, byId, [ofTarget]);
      return isDeleted && isAlive(item, clock);
    },

    async deleteByTarget(target) {
      const partition = partitionOf(target);
      if (!fitsKey(partition)) return;
      await deleteGroupsFound(table, { partition, consistent: true }, (item) => keysOf(fromLinkItem(item)));
    },

    async deleteExpired(nowMs, limit) {
      const expired = await listExpired(table, KIND, nowMs, limit);
      const keys = expired.flatMap((item) => keysOf(fromLinkItem(item)));
      await table.writeMany(keys.map((key) => ({ delete: key })));
      return expired.length;
    },
  };
}

export const linkKeyOfId = (id: string): ItemKey => itemKey(`LINK#${id}`, 'LINK');

const partitionOf = ({ tenantId, kind, name }: PlaybackTarget): string =>
  ofTenant(tenantId, `LINKS#${kind}#${name}`);

const keysOf = (link: PlaybackLink): [ItemKey, ItemKey] => [
  linkKeyOfId(link.id),
  itemKey(partitionOf(link), `${newestFirst(link.createdAtMs)}#${link.id}`),
];

const isSame = (a: PlaybackTarget, b: PlaybackTarget): boolean =>
  a.tenantId === b.tenantId && a.kind === b.kind && a.name === b.name;

const toAttributes = (link: PlaybackLink): Item => ({
  link_id: link.id,
  tenant_id: link.tenantId,
  kind: link.kind,
  name: link.name,
  created_by: link.createdBy,
  created_at: isoDate(link.createdAtMs),
});

export function fromLinkItem(item: Item): PlaybackLink {
  return {
    id: text(item, 'link_id'),
    tenantId: text(item, 'tenant_id'),
    kind: text(item, 'kind') as PlaybackTarget['kind'],
    name: text(item, 'name'),
    createdBy: text(item, 'created_by'),
    createdAtMs: dateMs(item, 'created_at'),
    expiresAtMs: optionalNumber(item, 'expires_at_ms'),
  };
}
