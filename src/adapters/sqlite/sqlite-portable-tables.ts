import type { Clock } from '../../domain/clock.ts';
import type { PortableKind } from '../../domain/portable-record.ts';
import type { PositionTarget } from '../../domain/position.ts';
import { carriedOf } from './carried-attributes.ts';
import type { Database } from './database.ts';
import { number, text } from './row.ts';
import { fromApiKeyRow, toApiKeyRow } from './sqlite-api-key-store.ts';
import { fromPlaybackLinkRow, toPlaybackLinkRow } from './sqlite-playback-link-store.ts';
import { openPortableAudioFiles } from './sqlite-portable-audio-files.ts';
import { openPortableTable, type PortableTable } from './sqlite-portable-table.ts';
import { fromSessionRow, toSessionRow } from './sqlite-session-store.ts';
import { fromUserRow, toUserRow } from './sqlite-user-store.ts';

const IS_ALIVE = '(expires_at_ms IS NULL OR expires_at_ms > :now)';

/** Each of the kinds that this home has, in the order in which they are read. */
export type PortableTables = { readonly [Kind in Exclude<PortableKind, 'stream'>]: PortableTable<Kind> };

export function openPortableTables(db: Database, clock: Clock): PortableTables {
  const saveAttributes = db.prepare(
    'INSERT INTO user_attributes (user_id, attributes_json) VALUES (:id, :attributes_json)',
  );
  return {
    setting: openPortableTable(db, {
      kind: 'setting',
      table: 'settings',
      key: ['key'],
      clock,
      toRow: ({ key, value }) => ({ key, value }),
      fromRow: (row) => ({ key: text(row, 'key'), value: text(row, 'value') }),
    }),

    user: openPortableTable(db, {
      kind: 'user',
      table: 'users',
      key: ['id'],
      otherKey: 'username_key',
      join: 'LEFT JOIN user_attributes ON user_id = id',
      clock,
      toRow: toUserRow,
      fromRow: (row) => ({ ...fromUserRow(row), ...carriedOf(row) }),
      insertWith: ({ id, carried }) => {
        if (carried !== undefined) saveAttributes.run({ id, attributes_json: JSON.stringify(carried) });
      },
    }),

    // Expired ones too: until the sweep, which deletes the streams of a session before the session.
    session: openPortableTable(db, {
      kind: 'session',
      table: 'sessions',
      key: ['id'],
      otherKey: 'token_hash',
      clock,
      toRow: toSessionRow,
      fromRow: fromSessionRow,
    }),

    api_key: openPortableTable(db, {
      kind: 'api_key',
      table: 'api_keys',
      key: ['id'],
      otherKey: 'key_hash',
      isAlive: IS_ALIVE,
      clock,
      toRow: toApiKeyRow,
      fromRow: fromApiKeyRow,
    }),

    audio_file: openPortableAudioFiles(db),

    playback_link: openPortableTable(db, {
      kind: 'playback_link',
      table: 'playback_links',
      key: ['id'],
      isAlive: IS_ALIVE,
      clock,
      toRow: toPlaybackLinkRow,
      fromRow: fromPlaybackLinkRow,
    }),

    position: openPortableTable(db, {
      kind: 'position',
      table: 'positions',
      key: ['tenant_id', 'kind', 'name', 'user_id'],
      clock,
      toRow: ({ tenantId, kind, name, userId, positionMs, updatedAtMs }) => ({
        tenant_id: tenantId,
        kind,
        name,
        user_id: userId,
        position_ms: positionMs,
        updated_at_ms: updatedAtMs,
      }),
      fromRow: (row) => ({
        tenantId: text(row, 'tenant_id'),
        kind: text(row, 'kind') as PositionTarget['kind'],
        name: text(row, 'name'),
        userId: text(row, 'user_id'),
        positionMs: number(row, 'position_ms'),
        updatedAtMs: number(row, 'updated_at_ms'),
      }),
    }),

    retired_object: openPortableTable(db, {
      kind: 'retired_object',
      table: 'retired_objects',
      key: ['key'],
      clock,
      toRow: ({ key, sweepAtMs }) => ({ key, sweep_at_ms: sweepAtMs }),
      fromRow: (row) => ({ key: text(row, 'key'), sweepAtMs: number(row, 'sweep_at_ms') }),
    }),
  };
}
