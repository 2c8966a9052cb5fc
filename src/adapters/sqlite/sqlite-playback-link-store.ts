import type { Clock } from '../../domain/clock.ts';
import type { PlaybackLink, PlaybackLinkStore, PlaybackTarget } from '../../domain/credentials.ts';
import type { Database, Parameters, Row } from './database.ts';
import { placeByNumber, toPage } from './page-place.ts';
import { number, optionalNumber, text } from './row.ts';

const IS_ALIVE = '(expires_at_ms IS NULL OR expires_at_ms > :now)';
const OF_TARGET = 'tenant_id = :tenant AND kind = :kind AND name = :name';

export function openSqlitePlaybackLinkStore(db: Database, clock: Clock): PlaybackLinkStore {
  const find = db.prepare(`SELECT * FROM playback_links WHERE id = :id AND ${IS_ALIVE}`);
  const list = db.prepare(
    `SELECT * FROM playback_links WHERE ${OF_TARGET} AND (newest_first, id) > (:number, :id) AND ${IS_ALIVE}
     ORDER BY newest_first, id LIMIT :limit`,
  );
  const insert = db.prepare(
    `INSERT INTO playback_links (id, tenant_id, kind, name, created_by, created_at_ms, expires_at_ms)
     VALUES (:id, :tenant_id, :kind, :name, :created_by, :created_at_ms, :expires_at_ms)`,
    'There is already such a playback link.',
  );
  const remove = db.prepare(
    `DELETE FROM playback_links WHERE id = :id AND ${OF_TARGET} RETURNING expires_at_ms`,
  );
  const removeByTarget = db.prepare(`DELETE FROM playback_links WHERE ${OF_TARGET}`);
  const removeExpired = db.prepare(
    `DELETE FROM playback_links WHERE rowid IN
      (SELECT rowid FROM playback_links WHERE expires_at_ms <= :now ORDER BY expires_at_ms LIMIT :limit)`,
  );

  return {
    async find(id) {
      const row = find.get({ id, now: clock() });
      return row === undefined ? null : fromPlaybackLinkRow(row);
    },

    async listByTarget(target, page) {
      const place = placeByNumber(page);
      const rows = list.all({
        ...columnsOf(target),
        number: place.number,
        id: place.text,
        now: clock(),
        limit: page.limit + 1,
      });
      return toPage(rows, page.limit, ['newest_first', 'id'], fromPlaybackLinkRow);
    },

    async create(link) {
      insert.run(toPlaybackLinkRow(link));
    },

    async delete(target, id) {
      const row = remove.get({ ...columnsOf(target), id });
      return row !== undefined && (optionalNumber(row, 'expires_at_ms') ?? Infinity) > clock();
    },

    async deleteByTarget(target) {
      removeByTarget.run(columnsOf(target));
    },

    async deleteExpired(nowMs, limit) {
      return removeExpired.run({ now: nowMs, limit });
    },
  };
}

const columnsOf = ({ tenantId, kind, name }: PlaybackTarget) => ({ tenant: tenantId, kind, name });

export const toPlaybackLinkRow = (link: PlaybackLink): Parameters => ({
  id: link.id,
  tenant_id: link.tenantId,
  kind: link.kind,
  name: link.name,
  created_by: link.createdBy,
  created_at_ms: link.createdAtMs,
  expires_at_ms: link.expiresAtMs ?? null,
});

export function fromPlaybackLinkRow(row: Row): PlaybackLink {
  return {
    id: text(row, 'id'),
    tenantId: text(row, 'tenant_id'),
    kind: text(row, 'kind') as PlaybackTarget['kind'],
    name: text(row, 'name'),
    createdBy: text(row, 'created_by'),
    createdAtMs: number(row, 'created_at_ms'),
    expiresAtMs: optionalNumber(row, 'expires_at_ms'),
  };
}
